"""The adviser's judgement: what fits a customer and why. Figures in, dataclasses out; the skills put it in words."""
