"""Data health on the page: findings by kind, the sums side by side, prospects that are elsewhere."""

import streamlit as st

from klenty_api.sandbox import Sandbox, answers

GAP = "Agencies / UK & Ireland, “mid-market” (50–200)"


def test_findings_say_how_many_cadences_and_what_to_do(open_app, read_only_sandbox, said):
    app = open_app(
        read_only_sandbox, "settings_page/Data quality", range="Custom", dates=["2026-09-01", "2026-11-20"], tz="UTC"
    )
    labels = [fold.label for fold in app.expander]
    assert "Options do not add up to their step: 1 cadence" in labels
    assert "Two cadences of one name: 1 cadence" in labels
    assert "cadences are without a finding. Nothing is corrected anywhere." in said(app)
    app.session_state["health_options_differ"] = True
    app.run()
    assert not app.exception
    assert "An option was probably deleted" in said(app)
    (table,) = [frame.value for frame in app.dataframe if "finding" in frame.value and len(frame.value) == 1]
    assert table["cadence"].tolist() == [GAP]


def test_every_doubt_of_the_whole_company_has_its_name(open_app, monkeypatch):
    honest = answers.percent
    monkeypatch.setattr(answers, "percent", lambda part, whole: honest(part, whole) + 3 if whole else 0)
    with Sandbox() as sandbox:
        app = open_app(sandbox, "settings_page/Data quality", finished="true", range="Last 90 days")
    named = {fold.label.rsplit(": ", 1)[0] for fold in app.expander}
    assert named >= {
        "Replies, but no opens", "More opens than emails", "Many replies are not marked", "Only zeros",
        "Options do not add up to their step", "Klenty's percents do not follow from its counts",
        "Two cadences of one name",
    }  # fmt: skip


def test_sums_that_differ_are_shown_and_the_others_on_request(open_app, read_only_sandbox, said):
    app = open_app(
        read_only_sandbox, "settings_page/Data quality", range="Custom", dates=["2026-09-01", "2026-11-20"], tz="UTC"
    )
    (shown,) = [frame.value for frame in app.dataframe if "agreement" in frame.value]
    assert set(shown["cadence"]) == {GAP}
    assert (shown["sum_of_options"] < shown["sum_of_steps"]).all()
    app.toggle(key="health_all").set_value(True).run()
    (everything,) = [frame.value for frame in app.dataframe if "agreement" in frame.value]
    assert everything["cadence"].nunique() > 10
    assert "Replied stopped" in said(app)
    (whereabouts,) = [frame.value for frame in app.dataframe if "unexplained" in frame.value]
    row = whereabouts.set_index("cadence").loc[GAP]
    parts = row[["in_cadence_now", "completed", "replies", "bounces", "unsubscribes"]].sum()
    assert row["unexplained"] == row["prospects_added"] - parts


def test_a_page_whose_answers_all_failed_says_so(open_app, said):
    with Sandbox(cadences=2) as sandbox:
        sandbox.faults.add("refused_json", "email_engagements")
        sandbox.faults.add("refused_json", "stepwise_engagements")
        app = open_app(sandbox, "settings_page/Data quality")
        assert "Nothing to show yet" in said(app)
        sandbox.faults.clear()
        sandbox.faults.add("refused_json", "email_engagements")
        next(button for button in app.button if button.key == "retry_all").click().run()
        assert not app.exception
        assert "steps, but no figures" in said(app)


def test_all_of_it_can_be_asked_again_by_those_who_may(open_app, small_sandbox, said, no_weeks):
    app = open_app(small_sandbox, "settings_page/Data quality")
    small_sandbox.requests.clear()
    app.run()
    assert not [r for r in small_sandbox.requests if "engagements" in r.operation]  # all of it is known
    app.button(key="ask_again").click().run()
    assert not app.exception
    asked = [r.operation for r in small_sandbox.requests if "engagements" in r.operation]
    assert len(asked) == 2 * len(small_sandbox.cadence_names)
    assert "fetched" in said(app)


def test_a_cadence_that_was_deleted_is_named_where_all_are_shown(open_app, tmp_path):
    env = {"KLENTY_DATABASE_URL": f"sqlite:///{tmp_path / 'kept.sqlite3'}"}
    with Sandbox(cadences=3) as sandbox:
        open_app(sandbox, "settings_page/Data quality", env=env)
        gone = sandbox.account.cadences.pop().plan.name
        st.cache_resource.clear()  # the list is asked again
        kept = sandbox.account.cadences[0].plan.name

        def notes(**query):
            app = open_app(sandbox, "settings_page/Data quality", env=env, **query)
            return [caption.proto.help for caption in app.sidebar.caption if "no longer listed" in caption.value]

        (note,) = notes()
        assert gone in note.replace("\\", "")
        assert "its figures are left out" in note
        assert notes(cadence=kept) == []
