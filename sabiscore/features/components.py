"""The columns of a snapshot: what is kept of a club and of a league."""

CLUB = (
    "pi_home",
    "pi_away",
    "elo",
    "goals_for",
    "goals_against",
    "shots_for",
    "shots_against",
    "form",
    "promoted",
)
"""Zero is an average club of its league. Shots are shots on target; goals and shots are relative to the
league's mean at that venue (0.2 is 20 % more); form is in match points (win 0.5, loss -0.5)."""

LEAGUE = ("home_goals", "home_shots", "away_goals", "away_shots")
"""Running means a match."""

LEAGUE_PRIOR = (1.5, 5.0, 1.1, 4.0)
LEAGUE_PRIOR_MATCHES = 50
