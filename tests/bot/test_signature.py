# ruff: noqa: RUF001 - phones and keyboards produce these letters

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.signature import LONGEST_BODY, NotSigned, Rejected, read_signed_request, verify
from fakes.slack import signed_event

SECRET = "the-signing-secret"
NOW = 1_795_000_000


def letter_of(body: bytes | str = b"command=%2Fsnapstart", *, secret=SECRET, timestamp=NOW):
    return read_signed_request(signed_event(body, secret, timestamp=timestamp), NOW)


def status_of(event, now=NOW, secret=SECRET) -> int:
    with pytest.raises(Rejected) as rejected:
        verify(read_signed_request(event, now), secret)
    return rejected.value.status


def test_a_signed_request_is_believed_and_its_text_is_what_was_sent():
    assert verify(letter_of("text=scan+–+now"), SECRET) == "text=scan+–+now"


def test_a_body_that_is_not_encoded_is_verified_as_it_stands():
    event = signed_event(b"text=scan", SECRET, timestamp=NOW)
    event |= {"body": "text=scan", "isBase64Encoded": False}

    assert verify(read_signed_request(event, NOW), SECRET) == "text=scan"


def test_header_names_may_come_in_any_case():
    event = signed_event(b"text=scan", SECRET, timestamp=NOW)
    event["headers"] = {name.title(): value for name, value in event["headers"].items()}

    assert verify(read_signed_request(event, NOW), SECRET) == "text=scan"


def test_another_secret_does_not_fit_and_may_be_tried_again_with_a_newer_one():
    with pytest.raises(NotSigned):
        verify(letter_of(secret="another-secret"), SECRET)


def test_one_changed_byte_is_noticed():
    event = signed_event(b"text=scan", SECRET, timestamp=NOW)
    event["body"] = base64.b64encode(b"text=scam").decode()

    assert status_of(event) == 401


@pytest.mark.parametrize("seconds", [-300, -299, 0, 299, 300])
def test_five_minutes_are_tolerated_in_both_directions(seconds):
    assert verify(letter_of(timestamp=NOW + seconds), SECRET)


@pytest.mark.parametrize("seconds", [-301, 301, -86_400, 86_400])
def test_more_than_five_minutes_are_not(seconds):
    assert status_of(signed_event(b"text=scan", SECRET, timestamp=NOW + seconds)) == 401


@pytest.mark.parametrize(
    "timestamp", ["abc", "", "-1", "1e9", "1_795_000_000", " 1795000000", "1795000000.5", "９９", "9" * 40, "nan"]
)
def test_a_timestamp_that_is_not_plain_digits_is_refused_although_its_signature_fits(timestamp):
    assert status_of(signed_event(b"text=scan", SECRET, timestamp=timestamp)) == 401


@pytest.mark.parametrize("missing", ["x-slack-signature", "x-slack-request-timestamp"])
def test_a_request_without_its_signature_headers_is_refused(missing):
    assert status_of(signed_event(b"text=scan", SECRET, timestamp=NOW, headers={missing: None})) == 401


@pytest.mark.parametrize("signature", ["", "v0=", "v0=é", "v1=" + "0" * 64, "\ud800", "v0=" + "0" * 64])
def test_any_other_signature_is_refused(signature):
    event = signed_event(b"text=scan", SECRET, timestamp=NOW, headers={"x-slack-signature": signature})

    assert status_of(event) == 401


@pytest.mark.parametrize("method", ["GET", "PUT", "post", None, 7])
def test_only_post_is_heard(method):
    event = signed_event(b"text=scan", SECRET, timestamp=NOW, requestContext={"http": {"method": method}})

    assert status_of(event) == 405


@pytest.mark.parametrize("event", [None, [], "text", 7, True, b"bytes"])
def test_what_is_no_http_request_is_refused(event):
    assert status_of(event) == 400


@pytest.mark.parametrize(
    "overrides",
    [
        {"headers": None},
        {"body": None},
        {"body": 7},
        {"body": "not base64!"},
        {"body": "é"},
        {"isBase64Encoded": None},
        {"isBase64Encoded": "true"},
        {"body": "\ud800", "isBase64Encoded": False},
        {"requestContext": None},
        {"requestContext": {"http": "POST"}},
    ],
)
def test_a_malformed_event_is_refused_plainly(overrides):
    event = signed_event(b"text=scan", SECRET, timestamp=NOW)
    event |= overrides

    assert status_of(event) in {400, 405}


def test_an_event_that_does_not_say_whether_it_is_encoded_is_refused():
    event = signed_event(b"text=scan", SECRET, timestamp=NOW)
    del event["isBase64Encoded"]

    assert status_of(event) == 400


def test_bytes_that_are_no_text_are_refused_although_their_signature_fits():
    assert status_of(signed_event(b"text=\xff\xfe", SECRET, timestamp=NOW)) == 400


def test_a_megabyte_is_read_and_one_byte_more_is_not():
    assert verify(letter_of(b"a" * LONGEST_BODY), SECRET)
    assert status_of(signed_event(b"a" * (LONGEST_BODY + 1), SECRET, timestamp=NOW)) == 413
    assert status_of(signed_event(b"a" * (2 * LONGEST_BODY), SECRET, timestamp=NOW)) == 413


@given(
    body=st.binary(max_size=200),
    secret=st.text(min_size=1, max_size=20).filter(lambda text: text != SECRET and text.isascii()),
)
def test_nothing_signed_with_another_secret_is_ever_believed(body, secret):
    assert status_of(signed_event(body, secret, timestamp=NOW)) == 401


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=4,
)
NAMES = ["version", "headers", "body", "isBase64Encoded", "requestContext"]


@given(event=st.dictionaries(st.sampled_from(NAMES), json_values), proper=st.sets(st.sampled_from(NAMES)))
def test_an_event_of_any_shape_is_turned_away_and_never_raises_anything_else(event, proper):
    whole = signed_event(b"text=scan", "another-secret", timestamp=NOW)

    assert status_of(event | {name: whole[name] for name in proper}) in {400, 401, 405, 413}
