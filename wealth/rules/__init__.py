"""What a bank's assistant may and may not say: the rule book (data/compliance) and the guard every Reply passes."""
