"""Where people sit: the command line, in Chinese."""

import gettext
import os
from pathlib import Path

# Before any command is defined: Click names its types as it goes.
os.environ.setdefault("LANGUAGE", "zh")
gettext.bindtextdomain("messages", Path(__file__).parent / "locale")
