"""Credentials are masked wherever they stand."""

from __future__ import annotations

import pytest

from serotiny.credentials.masking import mask_credentials


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("http://user:S3CR3T@host:5000/x", "http://***@host:5000/x"),
        ("at postgresql+psycopg2://u:p@ss/w@h/db", "at postgresql+psycopg2://***@h/db"),
        ("http://token@host", "http://***@host"),
        ("mysql://h/db?user=a&password=S3CR3T&x=1", "mysql://h/db?user=a&password=***&x=1"),
        ("Authorization: Bearer abcdef123456", "Authorization: Bearer ***"),
        ("'http://a:b@h' and 'http://c:d@i'", "'http://***@h' and 'http://***@i'"),
    ],
)
def test_credentials_are_masked(text: str, masked: str) -> None:
    """Names and passwords of addresses, secrets of queries and of headers become `***`, once and for all."""
    assert masked == mask_credentials(text)
    assert masked == mask_credentials(masked)


@pytest.mark.parametrize(
    "text",
    [
        "http://127.0.0.1:5000/#/a@b",
        "sqlite:////a/b.db",
        "write to me@x.org",
        "git@github.com:x/y",
        "s3://bucket/a@b",
    ],
)
def test_text_without_credentials_is_unchanged(text: str) -> None:
    """Ports, mail addresses and paths are not taken for credentials."""
    assert text == mask_credentials(text)
