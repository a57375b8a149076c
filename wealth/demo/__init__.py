"""The demo bank: fictitious products, customers and movements, the same for the same seed and day."""
