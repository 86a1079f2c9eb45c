"""The help texts of a conversation."""

from __future__ import annotations

from typing import Final

HELP: Final = """\
Available Commands:
  /set            Set session variables
  /show           Show model information
  /load <model>   Load a session or model
  /save <model>   Save your current session
  /list [prefix]  List models
  /clear          Clear session context
  /bye            Exit
  /?, /help       Help for a command
  /? shortcuts    Help for keyboard shortcuts

Use \""" to begin a multi-line message.
"""

IMAGES: Final = """\
Use /path/to/file or ./file to include .jpg, .png, .webp images, or .wav audio.
"""

SET: Final = """\
Available Commands:
  /set parameter ...     Set a parameter
  /set system <string>   Set system message
  /set history           Enable history
  /set nohistory         Disable history
  /set wordwrap          Enable wordwrap
  /set nowordwrap        Disable wordwrap
  /set format json       Enable JSON mode
  /set noformat          Disable formatting
  /set verbose           Show LLM stats
  /set quiet             Disable LLM stats
  /set think [level]     Enable thinking: low, medium, high or max
  /set nothink           Disable thinking
"""

SHOW: Final = """\
Available Commands:
  /show info         Show details for this model
  /show license      Show model license
  /show modelfile    Show Modelfile for this model
  /show parameters   Show parameters for this model
  /show system       Show system message
  /show template     Show prompt template
"""

SHORTCUTS: Final = """\
Available keyboard shortcuts:
  Ctrl + a            Move to the beginning of the line (Home)
  Ctrl + e            Move to the end of the line (End)
  Alt + b, Alt + f    Move back or forward one word
  Ctrl + b, Ctrl + f  Move back or forward one character
  Ctrl + p, Ctrl + n  Previous or next message of the history
  Ctrl + k, Ctrl + u  Delete after or before the cursor
  Ctrl + w            Delete the word before the cursor
  Ctrl + j            Start a new line
  Ctrl + g            Write the message in an editor

  Ctrl + l            Clear the screen
  Ctrl + z            Suspend
  Ctrl + c            Stop the model from responding
  Ctrl + d            Exit
"""

USAGE_PARAMETER: Final = "Usage:\n  /set parameter <name> <value>\n\nParameters:\n"
USAGE_SYSTEM: Final = 'Usage:\n  /set system <string>, or """ to begin a text of several lines\n'
USAGE_LOAD: Final = "Usage:\n  /load <model>"
USAGE_SAVE: Final = "Usage:\n  /save <model>"
