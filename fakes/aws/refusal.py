"""How the account says no, and how a connection dies."""


class RefusalError(Exception):
    """AWS answers with an error: its code, its words, its HTTP status."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status


class ConnectionDroppedError(Exception):
    """No answer came at all; the call may or may not have taken effect."""
