"""Variables are read one by one, and every mistake is told at once."""

from __future__ import annotations

import pytest

from orchestrator.domain.environment import Environment, Form, SettingsError

WORD = Form(r"[a-z]+", "a word")


def problems_of(env: Environment) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as bad:
        env.check()
    return bad.value.problems


def test_a_form_fits_the_whole_text():
    assert WORD.fits("abc")
    assert not WORD.fits("abc1")
    assert not WORD.fits("abc\n")


def test_an_empty_variable_counts_as_not_set():
    env = Environment({"EMPTY": "", "BLANK": "  "})

    assert env.optional("EMPTY", WORD) is None
    assert env.number("BLANK", 7, 1, 9) == 7
    assert env.decimal("MISSING", 7.5, 1, 9) == 7.5
    env.check()


def test_problems_keep_the_order_in_which_the_variables_were_read():
    env = Environment({"FIRST": "1", "SECOND": "x"})
    env.text("FIRST", WORD)
    env.number("SECOND", 1, 1, 9)
    env.problem("FIRST", "must be another one")
    env.text("THIRD", WORD)

    assert problems_of(env) == (
        "FIRST is '1': must be a word",
        "FIRST is '1': must be another one",
        "SECOND is 'x': must be a whole number from 1 to 9",
        "THIRD is not set: must be a word",
    )


def test_a_variable_is_sound_until_it_has_a_problem():
    env = Environment({"GOOD": "a", "BAD": "1"})
    env.text("GOOD", WORD)
    env.text("BAD", WORD)

    assert env.sound("GOOD")
    assert not env.sound("GOOD", "BAD")


def test_a_long_value_is_shown_cut():
    env = Environment({"LONG": "1" * 5_000})
    env.text("LONG", WORD)

    assert problems_of(env) == (f"LONG is {'1' * 80!r}: must be a word",)


@pytest.mark.parametrize(("text", "accepted"), [("a", True), ("c", True), ("", True), ("d", False), ("A", False)])
def test_a_choice_is_one_of_its_words(text, accepted):
    env = Environment({"LETTER": text})
    chosen = env.choice("LETTER", "a", "b", "c")

    if accepted:
        env.check()
        assert chosen == (text or "a")
    else:
        assert problems_of(env) == (f"LETTER is {text!r}: must be a, b or c",)


def test_a_list_names_each_thing_once():
    assert Environment({"LIST": " b, a,,b ,"}).listed("LIST") == ("b", "a")
    assert Environment({}).listed("LIST") == ()


def test_a_word_that_must_be_exact_may_have_no_blank():
    assert Environment({"WORD": "false"}).exactly("WORD", "false")
    assert not Environment({"WORD": "false "}).exactly("WORD", "false")
    assert not Environment({}).exactly("WORD", "false")
