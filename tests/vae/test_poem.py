"""Form, Poem and Recipe."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vae.errors import OutOfRange, UnknownChoice
from vae.poem import BlendRequest, Form, Poem, Recipe, Script, WriteRequest, boldness_named

texts = st.text(max_size=20)
requests = st.builds(
    WriteRequest,
    seed=st.none() | texts,
    form=st.none() | st.sampled_from(Form),
    rhyme=st.none() | texts,
    script=st.none() | st.sampled_from(Script),
    random_seed=st.none() | st.integers(0, 2**63),
    place=st.none() | st.integers(1, 8),
    answer=st.none() | texts,
    boldness=st.floats(0, 1),
) | st.builds(BlendRequest, a=texts, b=texts, steps=st.integers(2, 25), form=st.none() | st.sampled_from(Form))
recipes = st.builds(
    Recipe, model=texts, random_seed=st.integers(0, 2**63), request=requests, t=st.none() | st.just(0.5)
)


@given(recipes)
def test_a_recipe_survives_json(recipe: Recipe) -> None:
    assert Recipe.from_json(recipe.to_json()) == recipe


@given(recipes, recipes)
def test_poems_share_an_id_only_when_all_about_them_is_equal(a: Recipe, b: Recipe) -> None:
    lines = ("白日依山盡", "黃河入海流")
    same = Poem(lines, Form.COUPLET, a).id == Poem(lines, Form.COUPLET, b).id
    assert same == (a == b)
    assert Poem(lines, Form.COUPLET, a).id != Poem(lines[::-1], Form.COUPLET, a).id


@pytest.mark.parametrize(
    ("named", "form"),
    [
        ("qijue", Form.QIJUE),
        ("七绝", Form.QIJUE),
        ("七絕", Form.QIJUE),
        (" WULV ", Form.WULV),
        ("couplet5", Form.COUPLET),
    ],
)
def test_people_name_forms_in_their_own_way(named: str, form: Form) -> None:
    assert Form.parse(named) is form


@given(st.text(max_size=100))
def test_an_unknown_form_is_answered_with_the_known_ones(text: str) -> None:
    try:
        Form.parse(text)
    except UnknownChoice as error:
        assert "qijue" in str(error)


@pytest.mark.parametrize("form", Form)
def test_lines_of_a_forms_shape_are_that_form(form: Form) -> None:
    assert Form.of(("月" * form.columns,) * form.lines) is form
    assert Form.of(("月" * form.columns,) * (form.lines + 1)) is not form


def test_a_poem_reads_with_the_punctuation_of_print() -> None:
    recipe = Recipe(model="m", random_seed=1, request=WriteRequest())
    assert Poem(("白日依山盡", "黃河入海流"), Form.COUPLET, recipe).text == "白日依山盡，\n黃河入海流。"


OLD = """{"kind": "write", "model": "m", "random_seed": 1, "request": {"acrostic": null, "candidates": 16, "form": "qijue",
"random_seed": 1, "rhyme": null, "scheme": null, "script": null, "seed": null, "table": "classical"}, "t": null}"""


def test_a_recipe_of_before_is_read_and_keeps_its_text() -> None:
    recipe = Recipe.from_json(OLD)
    assert recipe.request == WriteRequest(form=Form.QIJUE, random_seed=1)
    assert recipe.to_json() == OLD.replace("\n", " ")


@pytest.mark.parametrize(("text", "boldness"), [("shy", 0.0), (" Usual ", 0.5), ("bold", 1.0), ("0.3", 0.3)])
def test_boldness_has_names_and_numbers(text: str, boldness: float) -> None:
    assert boldness_named(text) == boldness


@pytest.mark.parametrize("text", ["", "nan", "inf", "-1", "1.01", "reckless"])
def test_no_other_boldness_is_taken(text: str) -> None:
    with pytest.raises((UnknownChoice, OutOfRange)):
        boldness_named(text)
