"""National holidays of Peru, computed for any year."""

from datetime import date, timedelta

from portal.deadlines.calendar import Calendar, DayKind, OffDay

NORM = "D. Leg. 713, art. 6"

# Day and month of each fixed holiday, as the law names it; Spanish, because it is data of the law.
FIXED = {
    (1, 1): "Año Nuevo",
    (5, 1): "Día del Trabajo",
    (6, 7): "Batalla de Arica y Día de la Bandera",
    (6, 29): "San Pedro y San Pablo",
    (7, 23): "Día de la Fuerza Aérea del Perú",
    (7, 28): "Fiestas Patrias",
    (7, 29): "Fiestas Patrias",
    (8, 6): "Batalla de Junín",
    (8, 30): "Santa Rosa de Lima",
    (10, 8): "Combate de Angamos",
    (11, 1): "Todos los Santos",
    (12, 8): "Inmaculada Concepción",
    (12, 9): "Batalla de Ayacucho",
    (12, 25): "Navidad",
}


def easter(year: int) -> date:
    """Return Easter Sunday of the Gregorian calendar (Gauss's method, mended by Lichtenberg)."""
    century = year // 100
    correction = 15 + (3 * century + 3) // 4 - (8 * century + 13) // 25
    moon = (19 * (year % 19) + correction) % 30
    moon -= (moon + year % 19 // 11) // 29
    weekday_shift = 2 - (3 * century + 3) // 4
    full_moon = 21 + moon
    first_sunday = 7 - (year + year // 4 + weekday_shift) % 7
    days = full_moon + 7 - (full_moon - first_sunday) % 7
    return date(year, 3, 1) + timedelta(days=days - 1)


def national_holidays(year: int) -> list[OffDay]:
    """Return the 16 national holidays of a year, in order (D. Leg. 713 art. 6, Ley 31822)."""
    sunday = easter(year)
    moving = {
        sunday - timedelta(days=3): "Jueves Santo",
        sunday - timedelta(days=2): "Viernes Santo",
    }
    fixed = {date(year, month, day): title for (month, day), title in FIXED.items()}
    days = sorted((fixed | moving).items())
    return [OffDay(day, DayKind.HOLIDAY, title, NORM) for day, title in days]


def national_calendar(first: int, last: int) -> Calendar:
    """Return a calendar with the national holidays of these years and nothing else."""
    days = [day for year in range(first, last + 1) for day in national_holidays(year)]
    return Calendar.of(days, known_until=date(last, 12, 31))
