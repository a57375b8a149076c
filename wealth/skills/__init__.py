"""One module per business intent: answer(bank, request) -> Reply."""

TOPICS = (
    "asset_overview",
    "wealth_checkup",
    "pnl_query",
    "wealth_bill",
    "product_recommend",
    "product_explain",
    "risk_assessment",
    "purchase_howto",
    "redeem_howto",
    "product_maturity",
    "stop_profit_loss",
    "market_commentary",
    "concept_qa",
)
"""Skills about the customer's wealth: what an outreach or a "为什么" can be about."""

SKILLS = (*TOPICS, "human_handoff", "branch_service", "chitchat", "out_of_scope")
"""Every skill; the names are the public intents and the modules here."""
