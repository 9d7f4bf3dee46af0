"""What Lanting is and what it keeps."""

from __future__ import annotations

from bot.chat.locale import Say
from bot.chat.page import Page, frame, text
from bot.service.about import About


def help_page(say: Say) -> Page:
    return Page(
        frame(
            text(
                say(
                    "**Lanting** writes classical Chinese poems. Form, rhyme and tones are never wrong; "
                    "what it says is its own."
                )
            ),
            text(
                "\n".join(
                    (
                        say("`/poem`: a poem, from a line or a few words of yours, or from nothing at all"),
                        say("`/blend`: a walk from one line, or one poem, to another"),
                        say("`/favourites`: the poems you keep · `/top`: what people here like best"),
                        say("`/check`: does a text keep the rules of verse? Every character is shown with its tone"),
                        say("`/settings`: for those who manage the server: who may write, and a daily poem"),
                        say("`/privacy`: what is kept about you, as a file; or all of it gone"),
                        say("On any message, under Apps: answer it in verse, blend with it, or check it"),
                    )
                )
            ),
            text(
                say(
                    "Under every poem: **Again** grants the same wish anew, **Vary** writes one close by, **Reading** "
                    "shows how it sounds. The buttons work for as long as the poem stands there."
                )
            ),
        )
    )


def about_page(say: Say, about: About) -> Page:
    return Page(
        frame(
            text(
                say(
                    "**Lanting {version}**, named for the Orchid Pavilion, where in 353 poets floated wine cups down a "
                    "stream and wrote. Poems come from a variational auto-encoder taught on some 200,000 poems of Tang "
                    "and Song; no language model is asked, and nothing leaves this machine.",
                    version=about.version,
                )
            ),
            text(
                say(
                    "It keeps each poem with the wish it came from, who asked for it and where (Discord's numbers, no "
                    "names), your favourites and your stars. It reads no messages but those you hand to it. "
                    "`/privacy` shows all of it, or erases it."
                )
            ),
            text(f"-# {say('Weights {weights} · version {version}', weights=about.weights, version=about.version)}"),
        )
    )
