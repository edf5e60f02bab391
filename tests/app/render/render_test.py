#!/usr/bin/env python3
"""`fourtuple render`: every kind of picture is what its name says, an SVG is well-formed with its words inside the
picture, the same command gives the same bytes, and wrong options end with one clear sentence."""
import os
import re
import struct
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree
from pathlib import Path

PROGRAM = os.environ.get("FOURTUPLE", "")
SOURCE = Path(os.environ.get("SOURCE_DIR", Path(__file__).parents[3]))
FIRST_RUN = str(SOURCE / "scenarios/first_run.yaml")
HOME = str(SOURCE / "scenarios/nat/home.yaml")
SVG = "{http://www.w3.org/2000/svg}"
PANELS = ["map", "host", "ladder", "rules", "conntrack", "sockets", "tcp", "packet"]
# Elements of SVG 1.1 that any program draws.
ALLOWED = {"svg", "title", "style", "defs", "clipPath", "pattern", "g", "rect", "path", "circle", "line", "polyline",
           "polygon", "text", "image"}


def render(*arguments, status=0):
    done = subprocess.run([PROGRAM, "render", *arguments], capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == status, f"{arguments}: exit code {done.returncode}: {done.stderr}"
    return done.stderr


def view_box(root):
    return [float(number) for number in root.get("viewBox").split()]


class Render(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def path(self, name):
        return str(self.folder / name)

    def svg(self, *arguments, scenario=FIRST_RUN):
        render(scenario, *arguments, "-o", self.path("x.svg"))
        return ElementTree.parse(self.path("x.svg")).getroot()

    def check_texts(self, root):
        """Texts that no clip hides begin inside the picture; returns all texts."""
        _, _, width, height = view_box(root)
        texts = []

        def walk(element, clipped):
            self.assertIn(element.tag.removeprefix(SVG), ALLOWED)
            if element.tag == SVG + "text":
                texts.append(element.text)
                self.assertGreater(float(element.get("textLength")), 0)
                if not clipped:
                    self.assertTrue(0 <= float(element.get("x")) <= width, element.text)
                    self.assertTrue(0 <= float(element.get("y")) <= height, element.text)
            for child in element:
                walk(child, clipped or child.get("clip-path") is not None)
        walk(root, False)
        return texts

    def test_every_panel_is_well_formed_svg_with_words(self):
        for panel in PANELS:
            with self.subTest(panel=panel):
                root = self.svg("--at", "2s", "--panel", panel, "--host", "router", scenario=HOME)
                self.assertEqual(view_box(root), [0, 0, 1280, 720])
                self.assertGreater(len(self.check_texts(root)), 2)

    def test_a_whole_ladder_holds_what_lies_beyond_the_visible_part(self):
        part = self.check_texts(self.svg("--at", "200ms", "--panel", "ladder"))
        root = self.svg("--from", "0s", "--to", "60s", "--panel", "ladder", "--theme", "light")
        whole = self.check_texts(root)
        self.assertGreater(view_box(root)[3], 720)
        self.assertGreater(len(whole), len(part))
        arrows = len([e for e in root.iter(SVG + "polygon")])
        self.assertGreater(arrows, 20)

    def test_the_same_command_gives_the_same_bytes(self):
        for name in ("a.svg", "b.svg"):
            render(FIRST_RUN, "--at", "300ms", "-o", self.path(name))
        self.assertEqual(Path(self.path("a.svg")).read_bytes(), Path(self.path("b.svg")).read_bytes())

    def test_a_png_has_the_size_asked_for(self):
        render(FIRST_RUN, "--at", "300ms", "--size", "640x400", "-o", self.path("x.png"))
        data = Path(self.path("x.png")).read_bytes()
        self.assertEqual(data[:8], b"\x89PNG\r\n\x1a\n")
        self.assertEqual(struct.unpack(">II", data[16:24]), (640, 400))

    def test_a_gif_moves_and_plays_for_ever(self):
        render(FIRST_RUN, "--from", "200ms", "--to", "260ms", "--seconds", "1", "--fps", "10", "--size", "480x320",
               "-o", self.path("x.gif"))
        data = Path(self.path("x.gif")).read_bytes()
        self.assertEqual(data[:6], b"GIF89a")
        self.assertEqual(struct.unpack("<HH", data[6:10]), (480, 320))
        self.assertIn(b"NETSCAPE2.0", data)
        self.assertGreaterEqual(len(re.findall(rb"\x21\xf9\x04", data)), 5)
        self.assertLess(len(data), 400_000)

    def test_a_time_beyond_the_end_is_the_end_with_a_note(self):
        words = render(FIRST_RUN, "--at", "1h", "-o", self.path("x.png"))
        self.assertIn("is after the end", words)

    def refused(self, expected, *arguments):
        words = render(FIRST_RUN, *arguments, status=2)
        self.assertIn(expected, words)
        self.assertEqual(words.count("error"), 1, words)

    def test_wrong_options_end_with_one_sentence(self):
        here = self.path("x.png")
        self.refused("a name ending in .png, .svg or .gif", "-o", self.path("x.bmp"))
        self.refused("there is no folder", "-o", self.path("none/x.png"))
        (self.folder / "folder.png").mkdir()
        self.refused("is a folder", "-o", self.path("folder.png"))
        self.refused("a PNG shows one instant", "--from", "1ms", "-o", here)
        self.refused("the end lies before --from", "--from", "2ms", "--to", "1ms", "-o", self.path("x.gif"))
        self.refused("a GIF shows a stretch of time", "--at", "1ms", "-o", self.path("x.gif"))
        self.refused("--panel ladder", "--from", "1ms", "--panel", "map", "-o", self.path("x.svg"))
        self.refused("there is no host 'nobody'", "--host", "nobody", "-o", here)
        self.refused("there is no packet 99999", "--packet", "99999", "-o", here)
        self.refused("is not a size", "--size", "12", "-o", here)
        self.refused("at most 1920 pixels", "--size", "2000x1000", "-o", self.path("x.gif"))
        self.refused("longer than 60 s", "--seconds", "90", "-o", self.path("x.gif"))
        self.assertFalse(Path(here).exists())


if __name__ == "__main__":
    if not os.access(PROGRAM, os.X_OK):
        print("skipped: FOURTUPLE is not a program")
        sys.exit(77)
    unittest.main()
