"""CSV in: prices, market rows, products, customers, ledger and articles."""
