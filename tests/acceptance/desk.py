"""An agent's desk in a real browser: Debian's Chromium without a window, whose microphone plays a tone."""

import os
import wave
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
from playwright.async_api import Browser, Page, async_playwright, expect

from app.install.chromium import chromium
from app.install.places import CHECKOUT, native_folder

expect.set_options(timeout=20_000)  # ms: a machine may be slow
ARTEFACTS = CHECKOUT / "artefacts" / "desk"
"""Pictures of the pages, for whoever wants to look."""
MICROPHONE_HZ = 1000
FLAGS = (
    "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream", "--allow-loopback-in-peer-connection",
    "--autoplay-policy=no-user-gesture-required", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run", "--no-sandbox", "--disable-gpu", "--disable-quic",
    "--disable-features=WebRtcHideLocalIpsWithMdns",
)  # fmt: skip
HEARD_HZ = """() => new Promise(done => {
  const context = new AudioContext(), analyser = context.createAnalyser();
  analyser.fftSize = 8192;
  context.createMediaStreamSource(document.getElementById('caller').srcObject).connect(analyser);
  const levels = new Float32Array(analyser.frequencyBinCount);
  const look = () => {
    analyser.getFloatFrequencyData(levels);
    const loudest = levels.reduce((best, level, place) => level > levels[best] ? place : best, 0);
    if (levels[loudest] > -60) done(Math.round(loudest * context.sampleRate / analyser.fftSize));
    else setTimeout(look, 50);
  };
  look();
})"""


@asynccontextmanager
async def browser(folder: Path, hz: int = MICROPHONE_HZ) -> AsyncIterator[Browser]:
    """`folder`: for the microphone's sound, a tone of so many Hz."""
    program, needs = chromium(native_folder())
    tone = folder / f"microphone-{hz}.wav"
    with wave.open(str(tone), "wb") as file:
        file.setparams((1, 2, 48_000, 0, "NONE", ""))
        seconds = np.arange(48_000 * 2) / 48_000
        file.writeframes((12_000 * np.sin(2 * np.pi * hz * seconds)).astype("<i2").tobytes())
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(
            executable_path=program, args=[*FLAGS, f"--use-file-for-fake-audio-capture={tone}"],
            env={**os.environ, **needs},
        )  # fmt: skip
        yield running
        await running.close()


class Desk:
    """One page, somebody's."""

    def __init__(self, page: Page, at: str) -> None:
        self.page, self.at = page, at
        self.faults: list[str] = []
        """What went wrong in the page's own script, and what its security policy stopped."""
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", lambda said: self.faults.append(said.text) if "Content Security" in said.text else None)

    @classmethod
    async def open(cls, browser: Browser, at: str, *, width: int = 1280, language: str = "fr-FR") -> "Desk":
        context = await browser.new_context(viewport={"width": width, "height": 800}, locale=language)
        desk = cls(await context.new_page(), at)
        await desk.page.goto(f"{at}desk")
        await expect(desk.page.locator("main")).to_be_visible()
        return desk

    async def sign_in(self, account: str, password: str) -> None:
        await self.page.fill("[name=account]", account)
        await self.page.fill("[name=password]", password)
        await self.page.keyboard.press("Enter")
        await expect(self.page.locator("header.top")).to_be_visible()

    async def be_ready(self) -> None:
        """Signed in: the phone in the page is registered, and calls may come."""
        await expect(self.page.locator(".phone.ready")).to_be_visible(timeout=30_000)
        await self.page.get_by_role("button", name="Disponible").click()
        await self.shows_state("available")

    async def shows_state(self, state: str) -> None:
        await expect(self.page.locator(f".state.{state}")).to_be_visible(timeout=30_000)

    async def hears(self) -> int:
        """The pitch of what the caller says, in Hz."""
        heard: int = await self.page.evaluate(HEARD_HZ)
        return heard

    async def says(self, text: str) -> None:
        """To whoever does not see the page."""
        await expect(self.page.locator("[data-announcer]")).to_contain_text(text, timeout=30_000)

    async def press(self, *keys: str) -> None:
        for key in keys:
            await self.page.keyboard.press(key)

    async def picture(self, name: str) -> None:
        ARTEFACTS.mkdir(parents=True, exist_ok=True)
        await self.page.screenshot(path=ARTEFACTS / f"{name}.png")
