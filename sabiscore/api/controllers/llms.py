"""What a language model's agent reads first: https://llmstxt.org."""

from typing import TypeAlias

from litestar import Controller
from litestar.di import NamedDependency
from litestar.params import SkipValidation

from sabiscore.api.limits import ANSWER_SECONDS, LONGEST_URI, MANY_LIMIT, MAX_FIXTURES, ONE_LIMIT
from sabiscore.api.responses import CACHING, OK, Replied, Reply, Service, read, tag_of
from sabiscore.service import Predicting
from sabiscore.settings import Settings

Chosen: TypeAlias = NamedDependency[SkipValidation[Settings]]

TEXT = "text/plain; charset=utf-8"

GUIDE = """\
# SabiScore

> Calibrated home, draw and away probabilities for football fixtures in {leagues} divisions of {countries} European
> countries, with goals, scores and other markets that agree with them, and reasons. Now answering: bundle {version},
> which knows matches through {through}.

Every answer is JSON. A refusal is `application/problem+json` that says what to do; for a name that nobody has it gives
the closest that are known. Say with a figure which bundle it is from (`model.version`, `model.data_through`), and link
to the fixture's page, `/fixtures/{{id}}`. The model does not know injuries, line-ups or anything after its last match.
Probabilities are estimates and no advice to stake money: `value` has a stake only where odds are given, in a league in
which predictions with odds were shown to beat the odds on later seasons. State none where it has none.

Limits:

- A time of kick-off has an offset or a `Z`, and is at most a year from now.
- A body has at most {one} KiB, a batch {many} KiB and {fixtures} fixtures, path and query together {uri} characters.
- An answer takes {seconds} seconds at most. After 503 and 429, wait as long as `Retry-After` says.
{rules}
## JSON by GET
{schema}
- [One prediction](/api/v1/predict?home_team=Arsenal&away_team=Chelsea&league=EPL&kickoff_time={kickoff}): any two
  clubs of a league by their usual names; also `odds_home`, `odds_draw` and `odds_away`, `neutral`,
  `detail=full`, and `lang` (de, es, it, fr) for the language of its reasons
- [Fixtures](/api/v1/fixtures): the next seven days with their first figures; also `league`, `team`, `from`, `to`,
  `status`. `/api/v1/fixtures/{{fixture_id}}` has one with its whole prediction
- [Leagues](/api/v1/leagues): those that can be predicted
- [Clubs of a league](/api/v1/leagues/premier-league/teams): with other names that are understood;
  `/api/v1/leagues/{{league}}/teams` for any
- [A table](/api/v1/leagues/premier-league/table): with what may become of each club, also `on` a day;
  `/api/v1/leagues/{{league}}/table` for any
- [Ratings](/api/v1/leagues/premier-league/ratings): clubs in goals a match; `/api/v1/leagues/{{league}}/ratings`
- [A club](/api/v1/teams/arsenal): place, rating, last and next matches; `/api/v1/teams/{{team}}`
- [Two clubs](/api/v1/head-to-head?home=arsenal&away=chelsea): all matches between them
- [The record](/api/v1/record): how good predictions were that were sealed before kick-off, beside the market
- [The model's card](/api/v1/model): data, measured scores, intervals, what each level of confidence was worth

## JSON by POST

- `/api/v1/predict`: one fixture as a JSON body, with `odds` and `adjust` (goals, for what the model cannot know)
- `/api/v1/predict/batch`: up to {fixtures} of them
- `/api/v1/predict/in-play`: a match that is being played, from its minute and score
{agents}
## Pages

- [This week](/): fixtures for people
- [About](/about): what it knows and does not
"""

SCHEMA = """
- [OpenAPI](/schema/openapi.json): every route, field and problem, with examples
- [The same for people](/docs): to be read and tried"""

AGENTS = """
## Model Context Protocol

- `/mcp`: the tools predict, fixtures, table, team and record, and the model's card
"""

KEY = "- Each request has a key, as `X-API-Key` or `Authorization: Bearer`; the operator gives them.\n"
RATE = "- {who} may ask {rate}; `RateLimit` in each answer says how often still.\n"


class LlmsController(Controller):
    """The guide."""

    path = "/llms.txt"
    include_in_schema = False

    @read(media_type="text/plain")
    async def guide(self, service: Service, settings: Chosen) -> Replied:
        """What can be asked here and how far to trust it, for an agent: [llms.txt](https://llmstxt.org)."""
        body = guide(service, settings).encode()
        head = [("content-type", TEXT), ("content-length", str(len(body)))]
        return Replied(Reply(OK, [*head, ("etag", tag_of(body)), ("cache-control", CACHING)], body))


def guide(service: Predicting, settings: Settings) -> str:
    """The guide to a service as it is set up; what only the port for administrators shows is not in it."""
    who = "A key" if settings.api_keys else "An address"
    rules = (
        KEY if settings.api_keys else "",
        RATE.format(who=who, rate=settings.rate_limit) if settings.rate_limit else "",
    )
    return GUIDE.format(
        leagues=len(service.leagues),
        countries=len({league.country for league in service.leagues}),
        version=service.version,
        through=service.data_through,
        one=ONE_LIMIT // 1024,
        many=MANY_LIMIT // 1024,
        fixtures=MAX_FIXTURES,
        uri=LONGEST_URI,
        seconds=ANSWER_SECONDS,
        kickoff="2025-08-30T16:30:00Z",
        rules="".join(rules),
        agents=AGENTS if settings.mcp else "",
        schema="" if settings.admin_port else SCHEMA,
    )
