"""The institutions of Tarapoto that the press note and the programme name, and invented people."""

from dataclasses import dataclass

from portal.actor import AgencyKind, Role

PASSWORD = "rompiendo cadenas juntos"  # noqa: S105 - shown on the sign-in page of the demonstration.

# code, name, kind, district of the seat, telephone
AGENCIES: tuple[tuple[str, str, AgencyKind, str, str], ...] = (
    ("DP-TAR", "Oficina Defensorial de Tarapoto", AgencyKind.DEFENSORIA, "220901", "042 000 001"),
    ("UPE-SM", "UPE San Martín", AgencyKind.UPE, "220901", "042 000 002"),
    (
        "CAR-MOR",
        "Centro de Acogida Residencial Morales (demostración)",
        AgencyKind.CARE_HOME,
        "220910",
        "042 000 003",
    ),
    (
        "MP-SM",
        "Municipalidad Provincial de San Martín",
        AgencyKind.LOCAL_GOVERNMENT,
        "220901",
        "042 000 004",
    ),
    ("DEM-TAR", "DEMUNA Tarapoto", AgencyKind.DEMUNA, "220901", "042 000 005"),
    ("DEM-LAM", "DEMUNA Lamas", AgencyKind.DEMUNA, "220501", "042 000 006"),
    ("PNP-FAM", "PNP Comisaría de Familia Tarapoto", AgencyKind.POLICE, "220901", "042 000 007"),
    (
        "FIS-FAM",
        "Fiscalía de Familia de San Martín",
        AgencyKind.PROSECUTOR,
        "220901",
        "042 000 008",
    ),
    ("JUZ-FAM", "Juzgado de Familia de San Martín", AgencyKind.COURT, "220901", "042 000 009"),
    ("JUZ-RIO", "Juzgado Mixto de Rioja", AgencyKind.COURT, "220801", "042 000 010"),
    ("CEM-TAR", "CEM y Familia Tarapoto", AgencyKind.CEM, "220901", "042 000 011"),
    ("RED-LAM", "Red de Salud Lamas", AgencyKind.HEALTH, "220501", "042 000 012"),
    ("UGEL-LAM", "UGEL Lamas", AgencyKind.EDUCATION, "220501", "042 000 013"),
    ("RENIEC", "RENIEC Tarapoto", AgencyKind.CIVIL_REGISTRY, "220901", "042 000 014"),
    ("INPE", "INPE Establecimiento Tarapoto", AgencyKind.PRISON, "220901", "042 000 015"),
    ("INABIF", "INABIF San Martín", AgencyKind.INABIF, "220901", "042 000 016"),
    ("SUNADEP", "SUNADEP San Martín", AgencyKind.PUBLIC_DEFENCE, "220901", "042 000 017"),
    (
        "SUBPREF",
        "Subprefectura Provincial de San Martín",
        AgencyKind.PREFECTURE,
        "220901",
        "042 000 018",
    ),
)
CENTRE = ("CS-LAM", "Centro de Salud Lamas", "RED-LAM", "220501", "042 000 019")
COVERED_PROVINCES = ("2201", "2205", "2207", "2209")


@dataclass(frozen=True, slots=True)
class Account:
    """An account of the demonstration: who, where, with which roles."""

    username: str
    name: str
    agency: str
    roles: tuple[Role, ...]
    title: str


ACCOUNTS: tuple[Account, ...] = (
    Account("salud", "Luz Cedro", "CS-LAM", (Role.CASEWORKER,), "Centro de Salud Lamas, atención"),
    Account("turno", "Rosa Quinilla", "UPE-SM", (Role.DUTY_OFFICER,), "UPE San Martín, de turno"),
    Account("upe", "Elena Caoba", "UPE-SM", (Role.COORDINATOR,), "UPE San Martín, coordinación"),
    Account(
        "psicologia", "Marco Lupuna", "UPE-SM", (Role.CASEWORKER,), "UPE San Martín, psicología"
    ),
    Account("cuidado", "Nora Tornillo", "UPE-SM", (Role.CARER,), "UPE San Martín, cuidado"),
    Account(
        "adminupe",
        "Iván Huayruro",
        "UPE-SM",
        (Role.AGENCY_ADMIN,),
        "UPE San Martín, administración",
    ),
    Account(
        "direccion", "Gladys Ayahuma", "UPE-SM", (Role.COORDINATOR,), "UPE San Martín, dirección"
    ),
    Account(
        "datosupe",
        "Teresa Ojé",
        "UPE-SM",
        (Role.PRIVACY_OFFICER,),
        "UPE San Martín, datos personales",
    ),
    Account(
        "datosdp",
        "Jorge Remocaspi",
        "DP-TAR",
        (Role.PRIVACY_OFFICER,),
        "Defensoría, datos personales",
    ),
    Account(
        "defensoria",
        "Carmen Shihuahuaco",
        "DP-TAR",
        (Role.COORDINATOR, Role.DUTY_OFFICER),
        "Defensoría, Oficina de Tarapoto",
    ),
    Account(
        "admindp",
        "Aldo Marupa",
        "DP-TAR",
        (Role.AGENCY_ADMIN,),
        "Defensoría, administración",
    ),
    Account("reniec", "Julia Capirona", "RENIEC", (Role.COORDINATOR,), "RENIEC Tarapoto"),
    Account("redsalud", "Óscar Moena", "RED-LAM", (Role.COORDINATOR,), "Red de Salud Lamas"),
    Account("ugel", "Delia Estoraque", "UGEL-LAM", (Role.COORDINATOR,), "UGEL Lamas"),
    Account("demuna", "Raúl Catahua", "DEM-LAM", (Role.COORDINATOR,), "DEMUNA Lamas"),
    Account("fiscalia", "Ana Pumaquiro", "FIS-FAM", (Role.COORDINATOR,), "Fiscalía de Familia"),
    Account(
        "alcaldia",
        "Berta Topa",
        "MP-SM",
        (Role.COORDINATOR,),
        "Municipalidad Provincial, presidencia del consejo",
    ),
    Account("inpe", "Silvia Manchinga", "INPE", (Role.COORDINATOR,), "INPE Tarapoto"),
    Account(
        "datosinpe",
        "Darío Cumala",
        "INPE",
        (Role.PRIVACY_OFFICER,),
        "INPE Tarapoto, datos personales",
    ),
    Account("pnp", "Hugo Ishpingo", "PNP-FAM", (Role.COORDINATOR,), "PNP, familia"),
    Account(
        "car",
        "Sonia Copaiba",
        "CAR-MOR",
        (Role.COORDINATOR, Role.AGENCY_ADMIN),
        "Centro de Acogida Morales",
    ),
    Account(
        "plataforma",
        "Pedro Renaco",
        "",
        (Role.PLATFORM_ADMIN,),
        "Plataforma, administración (no ve casos)",
    ),
    Account("auditor", "Inés Ubos", "", (Role.AUDITOR,), "Plataforma, auditoría"),
)


@dataclass(frozen=True, slots=True)
class ShownAccount:
    """An account as the sign-in page lists it."""

    username: str
    agency: str
    role: str
    password: str


def shown_accounts() -> list[ShownAccount]:
    """Return the accounts for the sign-in page."""
    names = {code: name for code, name, *_rest in AGENCIES} | {CENTRE[0]: CENTRE[1]}
    return [
        ShownAccount(
            account.username,
            names.get(account.agency, "Articula"),
            account.title,
            PASSWORD,
        )
        for account in ACCOUNTS
    ]


# Children are called after birds and trees of the region, so that nobody is meant.
GIVEN = (
    "Colibrí", "Tangara", "Guacamayo", "Tucaneta", "Perdiz", "Relojero", "Martín Pescador",
    "Golondrina", "Picaflor", "Garza", "Paucar", "Jilguero", "Tunqui", "Lechuza", "Gavilán",
    "Manacaraco", "Sui Sui", "Chirote", "Chicua", "Shansho",
)  # fmt: skip
FIRST = ("Achiote", "Aguaje", "Bijao", "Bolaina", "Camu", "Chambira", "Cumala", "Guaba", "Huito")
SECOND = ("Inchi", "Ñejilla", "Pijuayo", "Sangapilla", "Topa", "Ungurahui", "Uvilla", "Yarina", "")
