"""Secrets that callers carry."""

from stationmaster.security.bearer_secrets import BearerSecrets, new_secret


def test_what_is_stored_depends_on_the_secret_the_pepper_and_the_purpose():
    a, b = BearerSecrets(b"a"), BearerSecrets(b"b")
    digests = {a.digest("x", b"one"), a.digest("x", b"two"), a.digest("y", b"one"), b.digest("x", b"one")}
    assert len(digests) == 4
    assert a.digest("x", b"one") == BearerSecrets(b"a").digest("x", b"one")


def test_secrets_hold_256_random_bits_behind_their_prefix():
    made = {new_secret("ses_") for _ in range(100)}
    assert len(made) == 100
    assert all(secret.startswith("ses_") and len(secret) == 4 + 43 for secret in made)


def test_the_pepper_is_not_shown():
    assert "spicy" not in repr(BearerSecrets(b"spicy"))
