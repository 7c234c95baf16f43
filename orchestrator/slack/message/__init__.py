"""Every message of the conversation, and how a click on one is read back. Pure: values in, values out.

A module a moment, each function a `Message(text, blocks)` for the channel or, `…_in_thread`, for the run's thread:
- a run: `scanning`, `candidates` (the question), `unanswered`, `decided`, and its end: `endings`, `failures`, `over`
- beside it: `declined` (it never began), `held` (the modal *Why held?*), `open_run`, `memory`, `owners`, `paused`
- `digest` of a sweep, `doctor`, `receipt` of what the bill shows

`click` reads what a press carries, `checkup` what came with the press that `doctor` asks for. Messages are made of
`blocks`, `text`, `boxes`, `buttons`, `functions` and `pages`. Import the module that is meant: a click loads no other.
"""
