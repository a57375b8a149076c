"""One module per business intent: answer(bank, request) -> Reply."""
