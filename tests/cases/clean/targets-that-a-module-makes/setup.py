from setuptools import setup

setup(name="study")
