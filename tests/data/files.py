"""Small match files to take apart."""

HEADER = "Div,Date,HomeTeam,AwayTeam,FTHG,FTAG,FTR"
OPENING_DAY = (
    "E0,17/08/2024,Arsenal,Wolves,2,0,H",
    "E0,17/08/2024,Everton,Brighton,0,3,A",
    "E0,18/08/2024,Chelsea,Man City,0,2,A",
)


def match_file(*rows: str, header: str = HEADER) -> bytes:
    return "".join(f"{line}\r\n" for line in (header, *rows)).encode()


SEASON = match_file(*OPENING_DAY)
YOUNGER = match_file(*OPENING_DAY[:2])
OLDER = match_file(*OPENING_DAY, "E0,19/08/2024,Leicester,Tottenham,1,1,D")
