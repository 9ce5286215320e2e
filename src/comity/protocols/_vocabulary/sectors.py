"""Sectors of the economy and of public life, as an incident affects them.

Those up to ``space`` are the sectors of high criticality, and those up to ``research`` the other
critical sectors, of the annexes of Directive (EU) 2022/2555; the rest is what they leave out.
"""

ESSENTIAL = {
    "energy": "Energy",
    "transport": "Transport",
    "banking": "Banking",
    "financial_markets": "Financial market infrastructures",
    "health": "Health",
    "drinking_water": "Drinking water",
    "waste_water": "Waste water",
    "digital_infrastructure": "Digital infrastructure",
    "ict_services": "Management of ICT services for businesses",
    "public_administration": "Public administration",
    "space": "Space",
}
"""The sectors of high criticality (Annex I)."""
IMPORTANT = {
    "post": "Post and couriers",
    "waste": "Waste management",
    "chemicals": "Chemicals",
    "food": "Food",
    "manufacturing": "Manufacturing",
    "digital_providers": "Digital providers",
    "research": "Research",
}
"""The other critical sectors (Annex II)."""
SECTORS = {
    **ESSENTIAL,
    **IMPORTANT,
    "emergency_services": "Emergency services",
    "elections": "Elections",
    "education": "Education",
    "media": "Media",
    "defence": "Defence",
    "civil_society": "Civil society",
    "other": "Another sector",
}
