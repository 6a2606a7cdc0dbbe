from setuptools import find_packages, setup

setup(name="src", version="0.1", packages=find_packages())
