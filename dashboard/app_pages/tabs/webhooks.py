"""The account's webhooks: what Klenty sends where, and receiving it here."""

from functools import partial

import streamlit as st

from dashboard.app_pages.action_forms import session, webhooks
from dashboard.app_pages.components import webhook_feed
from dashboard.app_pages.session import connection, sign_in
from dashboard.app_pages.session.filters import View
from dashboard.data.webhooks.url import address
from dashboard.settings import public_url_problem


def draw(view: View) -> None:
    """Draw the tab."""
    desk = connection.action_context(sign_in.current())
    choices = session.choices()
    st.caption(
        "A webhook is Klenty calling an address whenever something happens to a prospect. What is sent to Klenty from "
        "here is shown first, sent once and kept in the action log."
    )
    box = webhook_feed.mailbox()
    webhooks.draw_list(desk, choices, box.secret)
    webhooks.draw_add(desk, choices)

    with st.container(border=True):
        st.header("Receive here")
        standing = box.deliveries.standing()
        zone = view.window.timezone
        st.markdown(
            f":green-badge[:material/check: receiving] {webhook_feed.since(standing, zone)}"
            if standing.events
            else ":gray-badge[nothing arrived yet] The dashboard is ready to receive."
        )
        st.markdown(
            "Deliveries carry no signature, so the address ends in a secret that only Klenty is told. Let your proxy "
            "pass `/webhook/klenty/` to this dashboard without sign-in, and keep that path out of its access log."
        )
        own = connection.connect().settings.public_url or str(st.context.url or "").split("/", 3)
        guess = own if isinstance(own, str) else "/".join(own[:3])
        webhooks.draw_receiver(
            desk, choices, partial(address, secret=box.secret), "" if public_url_problem(guess) else guess
        )
    st.page_link("app_pages/activity.py", label="What was delivered: Activity", icon=":material/bolt:")
