#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""The window as assistive technology sees it, and a hand for it.

usage: atspi.py tree | value NAME | set NAME VALUE | press NAME | text NAME | where NAME | has NAME
NAME is a widget's accessible name. Exits with 1, and a sentence, if there is none."""
import sys
import time
import warnings

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi  # noqa: E402

PATIENCE = 15.0
warnings.simplefilter("ignore", DeprecationWarning)  # what replaces them is not in Debian 12


def window():
    """The accessible application of timbrel-ui, as soon as it is there."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        desktop = Atspi.get_desktop(0)
        for i in range(desktop.get_child_count()):
            child = desktop.get_child_at_index(i)
            if child and child.get_name() == "timbrel-ui":
                return child
        time.sleep(0.2)
    sys.exit("timbrel-ui is not to be found by assistive technology")


def walk(node, depth=0):
    if node is None:
        return
    yield node, depth
    for i in range(node.get_child_count()):
        yield from walk(node.get_child_at_index(i), depth + 1)


def find(name):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        for node, _ in walk(window()):
            if node.get_name() == name:
                return node
        time.sleep(0.2)
    sys.exit(f"there is no widget named {name}")


def main():
    command, names = sys.argv[1], sys.argv[2:]
    if command == "tree":
        for node, depth in walk(window()):
            value = node.get_value_iface()
            number = f" {value.get_current_value():g}" if value else ""
            print("  " * depth + f"{node.get_role_name()} '{node.get_name()}'{number}")
        return
    node = find(names[0])
    if command == "value":
        print(f"{node.get_value_iface().get_current_value():g}")
    elif command == "set":
        node.get_value_iface().set_current_value(float(names[1]))
    elif command == "press":
        node.get_action_iface().do_action(0)
    elif command == "text":
        print(node.get_text_iface().get_text(0, -1))
    elif command == "where":
        box = node.get_component_iface().get_extents(Atspi.CoordType.SCREEN)
        print(box.x + box.width // 2, box.y + box.height // 2, box.width, box.height)
    elif command != "has":
        sys.exit(__doc__)


main()
