"""Own texts that answer open questions: investor education, the branch, small talk (data/knowledge)."""
