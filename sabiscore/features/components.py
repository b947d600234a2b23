"""The columns of a snapshot: what is kept of a club and of a league."""

CLUB = (
    "goals_for",
    "goals_against",
    "shots_for",
    "shots_against",
    "promoted",
    "results",
    "results_home",
    "results_variance",
    "strength",
    "strength_home",
    "strength_variance",
    "total",
    "total_variance",
    "priced",
)
"""Zero is an average club of its league.

Goals and shots (on target) are relative to the league's mean at that venue (0.2 is 20 % more). ``results`` and
``strength`` are Kalman ratings in goals of difference a match, the first from results and statistics, the
second from closing odds of past matches too; ``_home`` is a club's own home advantage beyond its league's.
``total`` is how many goals more than others its matches have. ``priced`` is 1 when its last match had odds.
"""

MEASURED = ("goals", "shots_on_target", "shots", "corners")

LEAGUE_PRIOR = {
    "home_goals": 1.5,
    "home_shots_on_target": 5.0,
    "home_shots": 13.5,
    "home_corners": 5.5,
    "away_goals": 1.1,
    "away_shots_on_target": 4.0,
    "away_shots": 11.0,
    "away_corners": 4.5,
    "results_home": 0.445,
    "strength_home": 0.445,
    "total": 2.6,
}
"""Running means a match of what is MEASURED; then what the filters hold: the home advantage of the two ratings, and
the goals of both sides together. Each with what is believed of a league of which nothing is known."""

LEAGUE = tuple(LEAGUE_PRIOR)

LEAGUE_MEANS = 2 * len(MEASURED)
"""How many of them are running means; the others are filtered with the clubs."""

LEAGUE_PRIOR_MATCHES = 50
"""How many matches of a league that belief is worth."""
