"""Makes the sample PDFs in samples/. Everything in them is invented. Run it again after a change of the texts."""

from __future__ import annotations

from pathlib import Path

import pymupdf

HERE = Path(__file__).resolve().parent / "samples"
A4 = pymupdf.paper_rect("a4")
# ruff: noqa: E501  # rows of tables read best in a line
CSS = """
body { font-family: sans-serif; font-size: 10.5pt; line-height: 1.45; color: #1b1b1f }
h1 { font-size: 20pt; margin: 0 0 10pt 0 } h2 { font-size: 14pt; margin: 14pt 0 4pt 0 }
p { margin: 0 0 7pt 0 } td, th { padding: 3pt 8pt; text-align: left; border-bottom: 0.5pt solid #999 }
table { border-collapse: collapse; width: 100% } .small { font-size: 8.5pt; color: #555 }
"""

LEASE = [
    """<h1>Residential Lease Agreement</h1>
    <p>This agreement is made on 1 March 2025 between Dana Miller (“the tenant”) and Oakfield Homes Ltd
    (“the landlord”) for the apartment at 14 Harbour Street, second floor left, 2300 Northport.</p>
    <h2>1. Term</h2>
    <p>The lease begins on 1 April 2025 and runs for two years. It ends on 31 March 2027 unless it is extended in
    writing at least three months before that day.</p>
    <h2>2. The apartment</h2>
    <p>The apartment has three rooms, a kitchen, a bathroom and a balcony, 78 square metres in all. A storage room in
    the basement, number 9, belongs to it. The tenant received two front door keys and one mailbox key.</p>
    <h2>3. Use</h2>
    <p>The apartment is let as a home. A trade that brings visitors or noise needs the landlord's written consent.
    Working from a desk at home does not.</p>""",
    """<h2>4. Rent</h2>
    <p>The monthly rent is 1,240 euros, due on the first day of each month. It includes water and waste collection.
    Heating and electricity are paid by the tenant to the suppliers directly.</p>
    <p>The rent may be raised once in twelve months, by no more than the change of the consumer price index, with a
    notice of two months.</p>
    <h2>5. Late payment</h2>
    <p>A payment that arrives after the fifth day of the month carries a late fee of 5 percent of the overdue amount.
    The grace period of five days does not apply to the deposit. Two late payments within six months entitle the
    landlord to ask for payment by standing order.</p>
    <h2>6. Deposit</h2>
    <p>The deposit is 2,480 euros, two months' rent, paid before the keys are handed over. It is returned within
    30 days after the tenant has moved out, less the cost of damage beyond ordinary wear.</p>""",
    """<h2>7. Pets</h2>
    <p>One cat or one small dog of up to 10 kilograms is allowed. Other animals need the landlord's written consent.
    The tenant answers for any damage an animal does.</p>
    <h2>8. Repairs</h2>
    <p>The landlord keeps the building, the heating and the pipes in order. The tenant reports damage within three
    days of noticing it. Repairs that cost up to 100 euros each, and 300 euros a year in all, are the tenant's.</p>
    <h2>9. Quiet hours</h2>
    <p>Quiet hours are from 22:00 to 7:00, and from 13:00 to 15:00 on Sundays.</p>
    <h2>10. Notice</h2>
    <p>After the first year the tenant may end the lease with a notice of three months to the end of a month. Notice
    is given by registered letter or by e-mail with a confirmation of receipt.</p>""",
]

MANUAL = [
    """<h1>Aurora E3 Espresso Machine</h1><p>Operating manual, edition 4</p>
    <h2>Before the first use</h2>
    <p>Rinse the water tank and fill it with fresh cold water. Run two cups of water through the group and one
    through the steam wand. The machine reaches its brewing temperature of 93 degrees Celsius in about four minutes;
    the white light then stops blinking.</p>
    <h2>Making espresso</h2>
    <p>Grind 18 grams of coffee for a double basket. Level and tamp it. Lock the portafilter, press the double-cup
    button and let 36 grams run in 25 to 30 seconds. If it runs faster, grind finer.</p>
    <h2>Milk</h2>
    <p>Fill the jug to a third. Open the steam wand for two seconds to let the water out before you put it into the
    milk. Stop at 60 degrees. Wipe the wand at once and let it blow for a second.</p>""",
    """<h2>Cleaning</h2>
    <p>Empty the drip tray every day. Rinse the group with the blind filter and half a teaspoon of cleaning powder
    once a week. The tank, the tray and the grid may be washed in a dishwasher at up to 55 degrees.</p>
    <h2>Descaling</h2>
    <p>Descale the machine every two months, or when the orange light comes on after 250 cups. Use the supplied
    descaler or 30 grams of citric acid in a litre of water. Never use vinegar: it attacks the seals of the pump.
    Descaling takes about 25 minutes and must not be interrupted.</p>
    <h2>Water filter</h2>
    <p>Change the filter cartridge after 60 litres or two months, whichever comes first.</p>""",
    """<h2>Error codes</h2>
    <table><tr><th>Code</th><th>Meaning</th><th>What to do</th></tr>
    <tr><td>E1</td><td>The water tank is empty or not seated</td><td>Fill it and press it down until it clicks</td></tr>
    <tr><td>E2</td><td>The pump draws air</td><td>Open the steam wand and press the cup button until water flows</td></tr>
    <tr><td>E4</td><td>The boiler is too hot</td><td>Switch off and let it cool for 20 minutes</td></tr>
    <tr><td>E7</td><td>The group is blocked</td><td>Clean the group with the blind filter, then descale</td></tr></table>
    <h2>Technical data</h2>
    <table><tr><td>Power</td><td>1,450 watts at 230 volts</td></tr><tr><td>Pump pressure</td><td>15 bar, 9 bar at the group</td></tr>
    <tr><td>Tank</td><td>1.8 litres</td></tr><tr><td>Weight</td><td>8.4 kilograms</td></tr></table>
    <h2>Warranty</h2>
    <p>The warranty lasts three years from the day of purchase. It does not cover damage by lime when the machine was
    not descaled in time. Keep the receipt.</p>""",
]

REPORT = [
    """<h1>Harbor Robotics</h1><p>Annual report 2025</p>
    <h2>To our shareholders</h2>
    <p>2025 was the year in which our inspection robots left the pilot stage. Forty-one ports now use them, against
    nineteen a year ago, and for the first time the service business earned more than the sale of machines.</p>
    <h2>The year at a glance</h2>
    <p>Revenue rose by 31 percent to 84.2 million euros. The operating margin was 12.4 percent after 9.8 percent in
    2024. At the end of the year 512 people worked for Harbor Robotics.</p>
    <h2>Risks</h2>
    <p>Two customers account for 27 percent of revenue. Sensors come from a single supplier in Japan; a second source
    is being qualified and should deliver from the third quarter of 2026.</p>""",
    """<h2>Income statement</h2>
    <table><tr><th>Million euros</th><th>2025</th><th>2024</th></tr>
    <tr><td>Machines</td><td>38.6</td><td>36.9</td></tr><tr><td>Services</td><td>45.6</td><td>27.4</td></tr>
    <tr><th>Revenue</th><th>84.2</th><th>64.3</th></tr>
    <tr><td>Cost of sales</td><td>(47.1)</td><td>(38.0)</td></tr><tr><td>Research and development</td><td>(14.9)</td><td>(11.2)</td></tr>
    <tr><td>Selling and administration</td><td>(11.8)</td><td>(8.8)</td></tr>
    <tr><th>Operating income</th><th>10.4</th><th>6.3</th></tr>
    <tr><td>Net income</td><td>7.6</td><td>4.4</td></tr></table>
    <h2>Cash flow</h2>
    <p>Operating cash flow was 13.1 million euros. Capital expenditure came to 6.7 million euros, most of it for the
    new test basin in Northport. The dividend proposed to the general meeting is 0.35 euros a share.</p>""",
    """<h2>Research and development</h2>
    <p>We spent 14.9 million euros on research and development, 17.7 percent of revenue. The main project is the
    Heron 4, a crawler that inspects hulls below the waterline without a diver. Sea trials began in September 2025.</p>
    <h2>People</h2>
    <p>Of the 512 employees, 203 work in engineering and 148 in service. Staff turnover fell from 11 to 7 percent.</p>
    <h2>Outlook</h2>
    <p>For 2026 we expect revenue between 98 and 104 million euros and an operating margin of at least 13 percent.</p>""",
]

SAMPLES = {
    "Miller-lease": ("Lease Dana Miller", LEASE),
    "Aurora-E3-manual": ("Aurora E3 operating manual", MANUAL),
    "Harbor-Robotics-annual-report-2025": ("Harbor Robotics annual report 2025", REPORT),
}


def make(folder: Path) -> list[Path]:
    """Write the samples into `folder` and return their paths."""
    made = []
    for stem, (title, pages) in SAMPLES.items():
        document = pymupdf.open()
        for number, html in enumerate(pages, 1):
            page = document.new_page(width=A4.width, height=A4.height)
            page.insert_htmlbox(pymupdf.Rect(64, 64, A4.width - 64, A4.height - 64), html, css=CSS)
            page.insert_text(
                (64, A4.height - 36), f"{title}, page {number} of {len(pages)}", fontsize=8, color=(0.4,) * 3
            )
        document.set_metadata({"title": title, "creationDate": "", "modDate": ""})
        document.subset_fonts()
        path = folder / f"{stem}.pdf"
        document.save(path, garbage=4, deflate=True, no_new_id=True)
        made.append(path)
    return made


if __name__ == "__main__":
    for made in make(HERE):
        print(made.name)
