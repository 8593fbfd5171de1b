"""Redaction: no secret reaches a log or the audit file, and ordinary text comes back untouched."""

from __future__ import annotations

import string
import sysconfig
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trayassist.safety.redaction import FORMATS, find, mask_for_log, redact, redact_kinds

MIXED = "aB3dE5gH7jK9mN2pQ4sT6vW8xY1zC0bD"  # 32 characters, no run of equal ones
HEX = "0a1b2c3d4e5f60718293a4b5c6d7e8f9"

SECRETS = {
    "Anthropic key": f"sk-ant-api03-{MIXED}-{MIXED}AA",
    "OpenRouter key": f"sk-or-v1-{HEX}{HEX}",
    "OpenAI key": f"sk-proj-{MIXED}{MIXED}",
    "Stripe key": f"sk_live_{MIXED[:24]}",
    "AWS key id": "AKIAIOSFODNN7EXAMPLE",
    "Google key": f"AIza{MIXED}xyz",
    "Google OAuth token": f"ya29.{MIXED}",
    "GitHub token": f"ghp_{MIXED}abcd",
    "GitLab token": f"glpat-{MIXED[:20]}",
    "Slack token": "xoxb-" + "123456789012-abcdefABCDEF",
    "Slack webhook": f"https://hooks.slack.com/services/T00000001/B00000002/{MIXED[:24]}",
    "Discord webhook": f"https://discord.com/api/webhooks/123456789012345678/{MIXED}{MIXED}",
    "Telegram token": f"123456789:AA{MIXED}x",
    "SendGrid key": f"SG.{MIXED[:22]}.{MIXED}{MIXED[:11]}",
    "Mailgun key": f"key-{HEX}",
    "Twilio key": f"SK{HEX}",
    "npm token": f"npm_{MIXED}abcd",
    "PyPI token": f"pypi-{MIXED}{MIXED}",
    "Hugging Face token": f"hf_{MIXED}ab",
    "DigitalOcean token": f"dop_v1_{HEX}{HEX}",
    "Shopify token": f"shpat_{HEX}",
    "Databricks token": f"dapi{HEX}",
    "Vault token": f"hvs.{MIXED}",
    "Doppler token": f"dp.pt.{MIXED}{MIXED[:8]}",
    "Groq key": f"gsk_{MIXED}{MIXED[:20]}",
    "xAI key": f"xai-{MIXED}{MIXED}",
    "Replicate key": f"r8_{MIXED}abcde",
    "age key": f"AGE-SECRET-KEY-1{MIXED.upper()}{MIXED.upper()[:20]}",
    "Azure key": f"AccountKey={MIXED}{MIXED}==",
    "JSON web token": f"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.{MIXED}",
    "connection string": "postgres://ann:s3cr3tPw@db.example.com/app",
    "bearer token": f"Authorization: Bearer {MIXED}",
    "basic authorization": "Authorization: Basic YWxhZGRpbjpvcGVuc2VzYW1l",
    "password": 'password = "hunter22"',
    "password hash": "$6$abcdefgh$" + MIXED,
    "named value": f"aws_secret_access_key = {MIXED}+/xY",
    "service key": f"nvapi-{MIXED}{MIXED}",
    "Discord token": f"M{MIXED[:24]}.{MIXED[:6]}.{MIXED}",
    "webhook": f"https://hooks.zapier.com/hooks/catch/123456/{MIXED}",
    "authorization header": f"Authorization: Token {MIXED}",
    "cookie": f"Set-Cookie: sid={MIXED}; HttpOnly",
    "parameter": f"https://example.com/list?key={MIXED}&page=2",
    "token in an address": f"https://{MIXED}@git.example.com/a.git",
    "private key": "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA\n-----END OPENSSH PRIVATE KEY-----",
}  # fmt: skip


@pytest.mark.parametrize("kind", SECRETS)
def test_each_kind_is_masked_wherever_it_stands(kind: str) -> None:
    secret = SECRETS[kind]
    for text in (secret, f"x {secret} y", f'{{"line": "{secret}"}}', f"log: {secret}\nnext line"):
        masked, kinds = redact_kinds(text)
        assert kinds == (kind,), text
        assert f"[secret: {kind}]" in masked
        assert MIXED[:16] not in masked
        assert HEX not in masked


def test_every_format_has_a_case() -> None:
    assert {form.kind for form in FORMATS} <= SECRETS.keys()


@pytest.mark.parametrize(
    "text",
    [
        "PASSWORD=Tr0ub4dor&3",
        "export DB_PASSWORD='correct-horse-1'",
        '{"client_secret": "' + MIXED + '"}',
        '\\"api_key\\": \\"' + MIXED + '\\"',
        "https://example.com/x?token=" + HEX,
        "the password is hunter2!",
        "--password=s3cr3t99",
        "curl -u admin:pa55word https://example.com",
        "mysql://root:toor99@localhost/db",
        "pwd: Winter2024!",
        "MAIL_PASSWORD=Mailpass1234!",
        "DB_PASSWORD=Amyspass99!",
        "password: Theatrepass7!",
        "SMTP_PASSWORD=Mysample2024!",
        "password = Sample2024!",
        'password = "Changeit2024"',
        "DB_PASS_TOKEN_VALUE=ausersecret-8f3k2l9d0q",
        "MAIL_PASSWORD=Tr0ub4$dor&3",
        "my wifi password is Sommer$2024!",
        "API_TOKEN=a8f3K2$9dlq0Zx81mm",
        'password = "hunter{2}xyz9"',
        "PASSWORD=hunter{2}xyz9",
        "the password is Kx9!{mm}22",
        "PASSWORD=/Kx9!mm22",
        "my API key is " + HEX + ", why is it refused?",
        "access key = " + HEX,
        "DB_PASS=s3cr3t!Value9",
        'SMTP_PASS: "Sommer2024!"',
        "PASSWORD=/Kx9mm22",
        "PASSWORD=Pa$$word",
        "PASSWORD=$2024-Sommer",
        "PASSWORD=$ecret!2024",
        "PASSWORD=$ecret99",
        'password = "{9x$Kq!2}"',
        'password = "pre{fix}2024"',
        "password=Kx9%word%12",
        'password = "Kx9<two>"',
        'password = "Kx9<two>mm"',
        "API_KEY=/x9Kd8aB2/cH6dF3kL9mN2",
        "postgres://ann:Tr0ub4$dor@db.example.com/app",
        "curl -H 'Authorization: Token 8f3k$2l9d{0}q1'",
    ],
)
def test_named_values_are_masked(text: str) -> None:
    assert "[secret: " in redact(text)


@pytest.mark.parametrize(
    "key",
    [
        f"sk-{HEX}", f"pplx-{MIXED}{MIXED[:16]}", f"fw_{MIXED[:24]}", f"csk-{MIXED}{MIXED[:16]}", f"pa-{MIXED}abc",
        f"pcsk_{MIXED[:6]}_{MIXED}", f"jina_{MIXED}{MIXED}", f"tvly-dev-{MIXED}", f"sk_{HEX}{HEX[:16]}",
        f"lsv2_pt_{HEX}_{HEX[:10]}", f"xkeysib-{HEX}{HEX}-{MIXED[:16]}", f"{HEX}-us12", f"dckr_pat_{MIXED[:27]}",
        f"lin_api_{MIXED}abcd", f"ntn_{MIXED}{MIXED[:14]}", f"figd_{MIXED}", f"pat{MIXED[:14]}.{HEX}{HEX}",
        f"EAA{MIXED}{MIXED}", f"sq0atp-{MIXED[:22]}", f"glsa_{MIXED}_{HEX[:8]}", f"NRAK-{MIXED.upper()[:27]}",
        f"sntrys_{MIXED}{MIXED}", f"HRKU-{MIXED}", f"nfp_{MIXED}", f"sbp_{HEX}", f"sb_secret_{MIXED}", f"fm2_{MIXED}",
        f"tskey-auth-{MIXED[:17]}-{MIXED}", f"ATATT3xFfGF0{MIXED}{MIXED}", f"rubygems_{HEX}", f"cio{MIXED}",
        f"{MIXED[:14]}.atlasv1.{MIXED}{MIXED}", f"pul-{HEX}", f"oauth:{MIXED.lower()[:30]}", f"sgp_{HEX}",
        f"PMAK-{HEX[:24]}-{HEX}", f"pat-na1-{HEX[:8]}-{HEX[:4]}-{HEX[4:8]}-{HEX[:12]}", f"1//0{MIXED}{MIXED}",
        f"sl.{MIXED}{MIXED}{MIXED}", f"rzp_live_{MIXED[:14]}", f"CCIPAT_{MIXED[:22]}_{HEX}", f"bkua_{HEX}",
    ],
)  # fmt: skip
def test_keys_of_services_are_told_by_their_beginning(key: str) -> None:
    for text in (key, f"the server said {key}, twice", f'["{key}"]', f"url: {key}\n"):
        assert MIXED[2:10] not in redact(text)
        assert HEX[2:10] not in redact(text)
        assert "[secret: " in redact(text)


@pytest.mark.parametrize(
    "text",
    [
        "{'Authorization': 'Bearer local-secret-73'}",
        "authorization: local-secret-73",
        "X-Api-Key: " + HEX,
        "Ocp-Apim-Subscription-Key: " + HEX,
        "Cookie: session=local-secret-73; theme=dark",
        "https://x.blob.example.net/c?sv=2022&sig=" + MIXED + "%2B%3D",
        "sshpass -p local-secret-73 ssh host",
        "mysql -u root -plocal-secret-73 app",
        "machine api.example.com login bob password local-secret-73",
        "mein Passwort ist local-secret-73",
        "Kennwort: local-secret-73",
        "PuTTY-User-Key-File-2: ssh-rsa\nPrivate-Lines: 1\n" + MIXED,
    ],
)
def test_values_are_masked_where_their_place_tells_them(text: str) -> None:
    masked = redact(text)
    assert "[secret: " in masked
    assert not any(part in masked for part in ("local-secret", MIXED[:12], HEX[:12]))


@pytest.mark.parametrize(
    "text",
    [
        "password: str",
        "def login(user, password=None):",
        "password = getpass()",
        'api_key = os.environ["API_KEY"]',
        'api_key: "YOUR_API_KEY"',
        "token=<your token here>",
        "password: ********",
        "secret = config.secret_value",
        "tokens = tokenizer.encode(text)",
        "The token is used for the next request",
        "the password is required",
        "key: value",
        "PASSWORD=$DB_PASSWORD",
        "PASSWORD=$arg1",
        "PASSWORD=$DBPASS12",
        "PASSWORD=$db_pass_12",
        "PASS: test_foo1 (0.02s)",
        "Boarding pass: LH1234",
        "The API key is required since v2.3.1-beta4",
        "password={{ vault_password }}",
        "max_tokens: 4096, tokens_per_s: 12.5",
        "daemon:*:18375:0:99999:7:::",
        "root:!:18375:0:99999:7:::",
        "https://example.com/reset-password",
        "postgres://user:${DB_PASS}@db/app",
        "postgres://{user}:{password}@db/app",
        "postgres://user:#{db_pass}@db/app",
        "PASSWORD=$HOME/secrets",
        "password := Hash{2, 3}",
        "input.password:focus{color:red}",
        r"password=\d{8}x",
        "token=abc{id}x",
        'PASSWORD="${DB_PASSWORD}"',
        'PASSWORD="${DB_PASSWORD:-none}"',
        'PASSWORD="$(pass show mail/work)"',
        "TOKEN=$$CI_TOKEN",
        "$token = $env:API_TOKEN_2024",
        "$password = $this->password1",
        "password: $ctrl.password1",
        'password = "{password1}"',
        'password = "{0}"',
        'token = f"{header1}.{payload2}.{signature3}"',
        "password: {{vault_password_2}}",
        "api_key: ${{secrets_api_key_12}}",
        "set PASSWORD=%DB_PASSWORD1%",
        "password=%(password1)s",
        'password = "<password1>"',
        "curl -H 'Authorization: Token ${API_TOKEN_1}'",
        "curl -H 'Authorization: Bearer $(cat token1)'",
        "curl -H 'Cookie: session=${SESSION_1}; theme=dark'",
        "token: /var/run/secrets/tokens/2024",
        "PASSWORD=/run/secrets/db_password_1",
        "password: /login2",
        r"password: /^\d+\w+$/",
        "sha256:" + HEX + HEX,
        "commit 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b",
        "ask-for-a-desk-reservation-in-the-task-list",
        "sk-SK locale, risk-free",
        "basic authorization is used",
        "Bearer tokens are opaque",
        "secret_santa_and_the_office_party_of_2024",
        "task_runner_of_the_second_floor_v2",
        "sess-like names and pat-downs; sl.it is a place",
        "https://example.com/?key=monkey-business-as-usual",
        "https://openstreetmap-contributors@example.com/",
        "an authorization is needed",
        "The cookie: a small cake",
    ],
)
def test_ordinary_text_comes_back_untouched(text: str) -> None:
    assert redact_kinds(text) == (text, ())


def test_a_key_cut_off_in_the_middle_is_masked_to_the_end() -> None:
    assert redact("-----BEGIN RSA PRIVATE KEY-----\nMIIEabc\nDEK-Info: AES-128") == "[secret: private key]"


def test_source_code_has_almost_no_false_lines() -> None:
    """RECIPES 5: at most 0.2 false lines in 1,000 lines of code; here the standard library, which holds no secret."""
    files = sorted(Path(sysconfig.get_paths()["stdlib"]).glob("*.py"))
    lines = [line for file in files for line in file.read_text(encoding="utf-8", errors="replace").splitlines()]
    assert len(lines) > 50_000
    assert sum(bool(find(line)) for line in lines) <= 0.2 * len(lines) / 1000


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet=string.printable, max_size=400))
def test_masking_twice_changes_nothing_more(text: str) -> None:
    once = redact(text)
    assert redact(once) == once


# ---------------------------------------------------------------- personal data in logs


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("ask anna.schmidt+x@mail.example.de, please", "ask [e-mail address], please"),
        ("pay to DE89 3704 0044 0532 0130 00 today", "pay to [bank account] today"),
        ("GB29NWBK60161331926819", "[bank account]"),
        ("iban: de89370400440532013000.", "iban: [bank account]."),
        ("card 4111 1111 1111 1111, 12/27", "card [card number], 12/27"),
        ("5555-5555-5555-4444", "[card number]"),
        (
            "key ghp_a1B2c3D4e5F6g7H8i9J0a1B2c3D4e5F6g7H8 of a@b.example",
            "key [secret: GitHub token] of [e-mail address]",
        ),
    ],
)
def test_personal_data_is_masked_in_logs(text: str, masked: str) -> None:
    assert mask_for_log(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-21 17:55:47,123 INFO 4711 trayassist: 1763747747123 ns",
        "run 46d05a12023f4b8a81061a6f08bd5130",
        "DE89 3704 0044 0532 0130 03",
        "4111 1111 1111 1112",
        "0000 0000 0000 0000",
        "page 12 of 340, 5,000 rows @ 3 ms",
        "file:///home/x/a-1234-5678-9012-3456.pdf",
    ],
)
def test_other_numbers_stay(text: str) -> None:
    assert mask_for_log(text) == text
