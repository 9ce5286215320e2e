"""The classes of the Reference Security Incident Taxonomy."""

RSIT = {
    "abusive-content": "Abusive content",
    "malicious-code": "Malicious code",
    "information-gathering": "Information gathering",
    "intrusion-attempts": "Intrusion attempts",
    "intrusions": "Intrusions",
    "availability": "Availability",
    "information-content-security": "Information content security",
    "fraud": "Fraud",
    "vulnerable": "Vulnerable",
    "other": "Other",
    "test": "Test",
}
