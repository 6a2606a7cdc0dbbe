"""What is told and masked as a credential, by its key and by its value."""

from __future__ import annotations

import pytest

from serotiny.credentials.detection import credential_in, mask_source, names_secret


@pytest.mark.parametrize(
    ("key", "value", "is_secret"),
    [
        ("access_key", "forget", False),
        ("access_key", "question_and_answer", False),
        ("access_key", "AKIAIOSFODNN7EXAMPLE", True),
        ("access_key", "forget2024", True),
        ("secret_key", "forget", True),
        ("api_key", "forget", True),
        ("password", "forget", True),
        ("api_key", "/home/me/wandb_api.key", False),
        ("api_key", "~/.keys/wandb.txt", False),
        ("api_key", "${hydra:runtime.cwd}/wandb_api.key", False),
        ("secret_key", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", True),
        ("secret_key", "/JalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", True),
    ],
)
def test_name_of_a_field_or_file_is_no_credential(key: str, value: str, is_secret: bool) -> None:
    """A key to access something by is a secret or a plain word; what else opens something is a secret, or the file of one."""
    assert is_secret == (credential_in(key, value) is not None)
    assert is_secret == (value not in mask_source(f"{key}: {value}").text)


@pytest.mark.parametrize(
    ("value", "is_secret"),
    [
        ("Basic Spoofing", False),
        ("Basic settings of a bearer network.", False),
        ("Basic low-rank layers", False),
        ("Basic dXNlcjpwYXNzd29yZA==", True),
        ("Bearer abcdef123456", True),
        ("Basic settings, then Bearer abcdef123456", True),
        ("Basic QWxhZGRpbjpvcGVuU2VzYW1l", True),
        ("https://example.org/?token=settings", True),
    ],
)
def test_word_behind_the_name_of_a_header_is_no_credential(value: str, is_secret: bool) -> None:
    """A title or a description may begin as the header of an authorisation does; what opens something is no word."""
    assert is_secret == (credential_in("title", value) is not None)


@pytest.mark.parametrize(
    "name",
    [
        "MY_TOKEN",
        "API_TOKEN_2",
        "DB_PASSWORD",
        "DB_PASSWORD2",
        "DB_PASS",
        "PGPASSWORD",
        "GITHUB_PAT",
        "SECRET_KEY_BASE",
        "SIGNING_KEY",
        "API_KEY_2",
        "clientSecret",
        "githubToken",
        "api_key_2",
        "x" * 1_000_000 + "_password",
    ],
)
def test_names_of_credentials_are_known(name: str) -> None:
    """Variables of the environment, numbered ones and words that are joined among them."""
    assert names_secret(name)


@pytest.mark.parametrize(
    "name",
    [
        "PAD_TOKEN",
        "MODEL_CLS_TOKEN",
        "MAX_TOKENS",
        "TOKENIZERS_PARALLELISM",
        "pad_token",
        "padToken",
        "my_token",
        "num_pass",
        "bypass",
        "primary_key",
        "file_pat",
    ],
)
def test_names_of_other_things_are_no_names_of_credentials(name: str) -> None:
    """A vocabulary has tokens, a table has keys, and training passes."""
    assert not names_secret(name)


@pytest.mark.parametrize(
    "text",
    [
        "password: {}",
        "++model.password={}",
        "{{api_key: {}, width: 1}}",
        'password: "{}"',
        "++model.password='{}'",
        '{{api_key: "{}"}}',
    ],
)
@pytest.mark.parametrize("length", [10, 4_096, 4_097, 100_000])
def test_credential_is_masked_whole_however_long_it_is(text: str, length: int) -> None:
    """Nothing is left of a key or a certificate of many thousand characters."""
    assert "xx" not in mask_source(text.format("x" * length)).text
