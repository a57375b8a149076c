"""Feedback: from turns that went wrong, by way of two people, to a reviewable change of data/."""
