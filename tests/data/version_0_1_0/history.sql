--
-- PostgreSQL database dump
--


-- Dumped from database version 18.4
-- Dumped by pg_dump version 18.4

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET transaction_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: account_notes; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.account_notes (
    account_id integer NOT NULL,
    name text NOT NULL,
    value json NOT NULL,
    noted_at text NOT NULL
);


--
-- Name: accounts; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.accounts (
    id integer NOT NULL,
    base_url text NOT NULL,
    "user" text NOT NULL,
    key_kind text
);


--
-- Name: accounts_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.accounts_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: accounts_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.accounts_id_seq OWNED BY public.accounts.id;


--
-- Name: alembic_version; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.alembic_version (
    version_num character varying(32) NOT NULL
);


--
-- Name: answers; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.answers (
    digest bytea NOT NULL,
    body bytea NOT NULL
);


--
-- Name: copies; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.copies (
    id integer NOT NULL,
    digest bytea NOT NULL,
    template text,
    subject text,
    snippet text
);


--
-- Name: copies_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.copies_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: copies_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.copies_id_seq OWNED BY public.copies.id;


--
-- Name: current_options; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.current_options (
    series_id integer NOT NULL,
    days integer NOT NULL,
    first_day integer NOT NULL,
    place integer NOT NULL,
    option_place integer NOT NULL,
    step bigint,
    option bigint,
    step_type text,
    copy_id integer NOT NULL,
    emails_sent bigint,
    opens bigint,
    clicks bigint,
    replies bigint,
    positive_replies bigint,
    negative_replies bigint
);


--
-- Name: current_steps; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.current_steps (
    series_id integer NOT NULL,
    days integer NOT NULL,
    first_day integer NOT NULL,
    place integer NOT NULL,
    step bigint,
    step_type text,
    emails_sent bigint,
    opens bigint,
    clicks bigint,
    replies bigint,
    positive_replies bigint,
    negative_replies bigint,
    completed bigint,
    tasks bigint,
    calls bigint,
    completed_calls bigint
);


--
-- Name: current_windows; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.current_windows (
    series_id integer NOT NULL,
    days integer NOT NULL,
    first_day integer NOT NULL,
    bucket text NOT NULL,
    cadence_id text,
    owner text,
    engagement_at text,
    steps_at text,
    complete_at text,
    prospects_added bigint,
    in_cadence_now bigint,
    completed bigint,
    contacted bigint,
    emails_sent bigint,
    opens bigint,
    clicks bigint,
    replies bigint,
    positive_replies bigint,
    negative_replies bigint,
    unmarked_replies bigint,
    unsubscribes bigint,
    bounces bigint,
    emails_sent_source text,
    contacted_source text
);


--
-- Name: deliveries; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.deliveries (
    id integer NOT NULL,
    account_id integer NOT NULL,
    received_at text NOT NULL,
    last_at text NOT NULL,
    event text NOT NULL,
    cadence text,
    owner text,
    prospect text,
    body text,
    digest text,
    repeats integer NOT NULL
);


--
-- Name: deliveries_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.deliveries_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: deliveries_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.deliveries_id_seq OWNED BY public.deliveries.id;


--
-- Name: leases; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.leases (
    name text NOT NULL,
    holder text NOT NULL,
    until text NOT NULL
);


--
-- Name: ledger; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.ledger (
    id integer NOT NULL,
    account_id integer NOT NULL,
    at text NOT NULL,
    person text NOT NULL,
    role text NOT NULL,
    operation text NOT NULL,
    subject text NOT NULL,
    sent json NOT NULL
);


--
-- Name: ledger_ends; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.ledger_ends (
    id integer NOT NULL,
    entry_id integer NOT NULL,
    at text NOT NULL,
    state text NOT NULL,
    message text NOT NULL,
    what_to_check text NOT NULL,
    attempts integer NOT NULL
);


--
-- Name: ledger_ends_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.ledger_ends_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: ledger_ends_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.ledger_ends_id_seq OWNED BY public.ledger_ends.id;


--
-- Name: ledger_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.ledger_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: ledger_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.ledger_id_seq OWNED BY public.ledger.id;


--
-- Name: ledger_rows; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.ledger_rows (
    entry_id integer NOT NULL,
    "position" integer NOT NULL,
    number integer NOT NULL,
    email text NOT NULL,
    sent json NOT NULL
);


--
-- Name: ledger_turns; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.ledger_turns (
    entry_id integer NOT NULL,
    "position" integer NOT NULL,
    turn integer NOT NULL,
    at text NOT NULL,
    person text NOT NULL,
    state text NOT NULL,
    message text NOT NULL
);


--
-- Name: observations; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.observations (
    id integer NOT NULL,
    series_id integer NOT NULL,
    days integer NOT NULL,
    first_day integer NOT NULL,
    bucket text NOT NULL,
    fetched_at text NOT NULL,
    seconds double precision NOT NULL,
    cadence_id text,
    owner text,
    engagement bytea,
    steps bytea,
    prospects_added bigint,
    in_cadence_now bigint,
    completed bigint,
    contacted bigint,
    emails_sent bigint,
    opens bigint,
    clicks bigint,
    replies bigint,
    positive_replies bigint,
    negative_replies bigint,
    unmarked_replies bigint,
    unsubscribes bigint,
    bounces bigint
);


--
-- Name: observations_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.observations_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: observations_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.observations_id_seq OWNED BY public.observations.id;


--
-- Name: series; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.series (
    id integer NOT NULL,
    account_id integer NOT NULL,
    cadence text NOT NULL,
    timezone text NOT NULL
);


--
-- Name: series_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.series_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: series_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.series_id_seq OWNED BY public.series.id;


--
-- Name: accounts id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.accounts ALTER COLUMN id SET DEFAULT nextval('public.accounts_id_seq'::regclass);


--
-- Name: copies id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.copies ALTER COLUMN id SET DEFAULT nextval('public.copies_id_seq'::regclass);


--
-- Name: deliveries id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.deliveries ALTER COLUMN id SET DEFAULT nextval('public.deliveries_id_seq'::regclass);


--
-- Name: ledger id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.ledger ALTER COLUMN id SET DEFAULT nextval('public.ledger_id_seq'::regclass);


--
-- Name: ledger_ends id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.ledger_ends ALTER COLUMN id SET DEFAULT nextval('public.ledger_ends_id_seq'::regclass);


--
-- Name: observations id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.observations ALTER COLUMN id SET DEFAULT nextval('public.observations_id_seq'::regclass);


--
-- Name: series id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.series ALTER COLUMN id SET DEFAULT nextval('public.series_id_seq'::regclass);


--
-- Data for Name: account_notes; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.account_notes (account_id, name, value, noted_at) FROM stdin;
1	pace	{"per_second": 12.5}	2026-12-01T06:37:50.625328Z
1	watch_levels	{"bounces": 5.0}	2026-12-01T06:37:50.647504Z
1	webhook_address	"u_RkoKpF00SQwvkEHbgARAtJl-fa5eF89hBW6bwu2Eg"	2026-12-01T06:37:50.659405Z
\.


--
-- Data for Name: accounts; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.accounts (id, base_url, "user", key_kind) FROM stdin;
1	https://api.klenty.com	sam@example.com	\N
2	https://api.klenty.com	second@example.com	\N
\.


--
-- Data for Name: alembic_version; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.alembic_version (version_num) FROM stdin;
leases
\.


--
-- Data for Name: answers; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.answers (digest, body) FROM stdin;
\\x0800f5d76345ae6213176a80de11c01c	\\x7801d595d16ed33014865fe5e0eb0875659ba03708861013d384a01242d32edce4b09a25b6653b8ca8aab4d7e00578b03dc97e87244dbab67001835d448a7d7cace3effcbf7db6103eb03d2d8b193b31d94beae1b4b22c26a2902a17893096f5912975407c9408c736afda712272a52f9b118231a58d3dfb99fa8e5dca31f9e04993bc9a4984355e05f595dfc75dc5045b68bee0e1cc604d97bcbeb41f8845f5c7a9296cce81331c016505e97b35a7326f6bc69eddd2234cfbba226383321aff670bc088ff35a91e978321166cb31d0b18c7ccaebcfd36b99b41fae0c87f0d4b606091814f6511fbfd8a0b432fd0715fcebe708a96894fa674f43647ff2aca104e68b178ad9c0f3165b98c6bb5b296e3dae95cea4b4f9f8d23f055fae211bd61c724f185b963269f9be06fae7f8865b222391e28ac85d18a6807c9a76b200fefe86b0f33ff8ee4cb01c9130e37d7df8147e98cc6232a942e03fb6d041dcb740e8664caf0983e9a32cf685ab2cf6445c6d50ccf23c5be7b41320e1bf7465963f79e4aa1abbe7977a914b18148dbd4fbd768e74731c1f9b63a17bae95636cead85d53af70e2c48a3076bc35587f4dfa575b8466b3cfa2f78a1acadbc50e03aafbae72daf953f9bfbaa35e403c5b2e9aa9b95851d78f44350794e4a075c5b1047865f92f5bdf77ce0d3630a4e211c0cd53ea5ca9434abc8ce8de6cddedcff85dc10dfae36b4a0f7b08eeb46f55e90385127dfb33bfb9e833b51c51f97db03c5b27a404fa40f504bb5ebe13ca6cc683c0e81aea4c66a43a93357595495830467e65ba3a9f35ba174550a
\\x1327e980c5b4eab4cc85f527e4db4fba	\\x78017d91414bc4301085ff4bce39b82b0adb5b29453c2852d7937848d361099b4eb299549065ffbbd39ac42e88c7f766e6cd97c9fb59f8e0c8838e540f030ca2da4961b05103a086c64d184575bf91bf6d8d1bbd8538b76ed8771e30b56d6fa4b0068f49723180b75f49de4a31214d3de960fa9ccc133def289b587b47269acfdcb19502e1a0560ee78ecad857c09837dd49a11d46a5196be5cd6c6f261999ae1899af184cf803531cc65931afedf99d303ce25ed1913af02ef09dce42599bd6f12823211fd638ece03401c51959547f556aadc12f37fdaffad2764dfbbcaf1fda256504227580929a7407e41d2e7fc961069fd2b1969970552cea2af972f9f8060146b8b3
\\x4062aee6a9fb49ca7f4def3955984dd5	\\x7801d595c16ed43010865f65f03942bb4b4b512e088a10155585602584aa1eb2c9d0354decc87128d16aa5be062fc083f549fa3b38d938ed2e42dacb1e22653c33f6f8f33ff6e54a5496cb8bba58b011f1346acd7953b2884591c85c444297ac4e75adac884f2261b8cc1b6fbe88442ed58db790ec32bc75f437f1139b945deaf4e4d827f7436ea4d495b4f2277f76d38a781609c5d73c18998c62faec637882d8de03872babb7675827d54599b3e54cc4a8cc2655573582d324efaa765617798ae14ac418d2a5955ae1ff72e5ff5b540330a87b080628b68241a84becab9b4eb0429bdc0fb9ad8dc06024d86c5b5710d3678f43878e808b5bc632b824962f92c21df93b2e34bdc1a157f5e207a73837f14dd7863ee638c48632b8235aadde4b535997b25ebb5825cb925dec7c99a89b8abe6b43202cd5f533fac08629c167978699aa5cdbeafeee8f58471b961e89574ea7136fc23960899207221bb39cb92d852c5bbc01a8ff52599b1e90df8a730bcdb701cd73b6f777bf8148aa8c66132aa4aa2d57db281a4ed2253892aeed73faaaeb3ca379cd559634a44dcbf1ca911c3631a038d337b11337661f68b543e4f9c2dcca17be40ab5dea90c1882d42025cfb102ae6ecbb52c42f77f42f7c7da4ef5f0c6dfaf7112c5c6103588f6fbc69b7654f2bec6c38076ac4ed18d09a1e61f6911a71f9fc1318d6086286b403b6bd638a6983d60e89a1b0bddf78870be6a92b6f511765d0a75faccc7392cae2fa824032fc52d2de7faf835e3d236b24dc5653dbabd4e89a160d954badf8e9fec459ed94dcabf02dc1511e567fa2e0bdabed20996cded0f3a4b2104ab3ebed3ca34c2bbc0d966e1385684da9d1b799139481fa16fa9797d3d503be905659
\\x4763e348c68db1a1b52bc67d54420c7c	\\x78017591414fc3300c85ff4bce39300493d8adaa2ac461089571421cd2c49aa2a54e88532434edbfe396346b8538be67fbf98bf37e16217a0aa01355c68011bbcd8314166b650035d47ec02476db8dbcf6d5be0f0ed2d87b23850f80b9eb762b85b378ca92672204f77d9503d2d0918eb69b8339a0e3156511ebe0c926fbb5e84038aab5d32beb5e01538ebebb97427b4c4a33d5c21bd9de6c3666ba62cc7c4be317a6388cb3605edae33bc13ce141d1895a083ef299ce423997d7f12823211fd67a6ce173004a23f274b43f954a6b08f349ffadbe346ddd3c1faac7664ae981481da1a466dd02058fd35f3284c57d3ed6341357c5a256c997cbc70f0865b8bd
\\x5f07f5a3d2ffe23961a16a460229f51f	\\x78017d91414fc3300c85ff8bcf393018037a9baa0a7100a1324e88439a5a53b4d409758a84a6fd77dc92864e421cdff3b3fdc5793b42e83d073491b76d8b2d14eb1b05964add22192cfd40118acd4afde64adf058771cc5edd2af00129c55697d2eb2c1d925e2be831b8af24253c100f0d9bde36f3e80b058d2cc9ab4407cf36dacf39b15140b8d70b47683a6ddd0b52cc9baf15184f511b014be69d7823ddabcda9c4979d99301bc2f883931d015a502fedf1a5d83ed04ef3816b0cbe97531d413b97f649ab30911cd77aaaf163408e2334147f55b6c66098cefa5ff5b9aacbea69b7bdafa6291d32eb3de6a949d7c8c1d3f49f32ccd2633ad7d4d39f15b33a9b7c3abd7f033deab9ac
\\x774c1de6a5f252a848327fd559b77dc3	\\x78017d91414bc4301085ff4bce39e8a21e7a2ba5880745ea7a120f69322c61d349cca4822cfbdf9dd62476413cbe37336fbe4cde4e22444f0174a2d61830a2b991c262a70ca086cecf984473772d7fdb3a3f05076969bd95c207c0dcb563e92c1eb3e49908c17d65c9b133d23c928e762cc157528cbca22e621d3cd9643f4bc74e0a8483da389c3b29eb5e0053d9c496f6989466aa8db7b0bdda6c14ba6a14be6a30e10f4c751867c3bcb597778279c0bda2230d107ce4339d84722eafe3514642beabf538c0c70c941664d1fc5569b586b09ef4bfea733f74fdd3bebdefd7940988d4016a6ad60350f0b87e2587597cccc75a67e245b1aa8be4f3f9fd1b951ab885
\\x817c6869d2fd3a624328224ffa6dbc19	\\x7801d595cf6ed43010c65f65f03942bb0b14c8054111a2a2aa105442a8eac19b0c5d53c7b66c8712ad56ea6bf0027db03e096393cddafb07755139f4102963cf38ce6fbecf3e9b33e7d19cb4cd142d2bc7450c4f3b83ac640d1792154c1b5487ba559e95cf0a66d1c8ae0f295d0a75d947a32256f4d1cb3f851fd156184b0ffada61644ce5463be1c50ffc14568ddf577881c9082d9ae564d559ee3043256157695ce9c648f458b392f6e5b94bf65c7129577f30641ed2b063252da68d175ad1fbd9bc7f8f1b4db03cbd3b164a0d85c3e6c623fa42643a0c4d8872f6cf7b7109d577e6e291b8708f27bc090d7f8b8d86d7d472d74ebf63450d675f756be183a4167650d37401f3f93b619d0f258b45c855c2180cb9a733ae2e1d7cd31688b050178fe03d5a044e8f9f594470527b777b7dc316c58ae524931889229558dfcc55838228fb88fe346339d94049036b246924a3133b9ce50c7d584f4d27d605b60de49b0ce431fadbeb5f4447a81a262368846a3dba5d002df26a460841b7fe317cd1adace1b44557f30eb48d08cf03c4d4bd043284bd7b83ae69f544a64b3c2b983bdd4ba919da6569ca20a31639fe0fb283215949ded969dd17051b327beb46ab2dadbb01eb49066bf3a80ba7532ac4fcaca32811e2bdd0a22533a229ea0c6c3ab1aec38141ecc74e5ab4e121739f83ee6142d966ce69db98cc9f9fbd901284f27462918b6a7a051e8fbc5799478fc05b41d35e43f42874ba85690766a6156ef7250931f1e5a6d4687eb7d2a85589d2e812cd7c79f07cfdf618d348a6a3bd6e8f50fd2f62a37dddbbd81e2a96d5e579cc9d27b9747fbb348fa0d68a6e060f575c51b686caeaab3ac8ca9206a7fa672faaf3df1e3154a4
\\x90da0f8080da3c5a67bba0fd43188a6c	\\x7801d595db6ed43010865f65f07584f6c461f7064111a2a2aa10ac8450d58b6c32744d133b721c4ab45aa9afc10bf4c1fa24fc4eb3597b4f6d1137bd88944966ecf1e7ffb7cf16a2b45c9c56f98c8d98f4a3269cd6058b89c863998948e882d591ae941593d1ab48182eb2ba8d0791c8a4ba5c47aec4cb75a59fd924ec8afbbd5e5bdd7d1a45a2d0a5b4f2177f71c38a0946547cc1de171405397e7190dafd4085ebaa8b314ba2f32263cbe9dd1a6c5cae9a46721267aba65db44a3dc2e7524cf04917566a85f7b345fbdea0f2c00cd0b70f0620f78219a09f00cc7855ec771cacb9992e586cd35790e31707a9dd8f4d2eaf2361195c62cba771ee76fc3de79ade62cfcb6af693136c9af8ae2b439f32ec604d297e47b4587c90a6b4ae64b974b94a1605bbdce93c569725fdd0860058aa8b67f4910d538cc7ce0d339599b6e5edf58d58466b9458be8ff2c521945883a7b1c1700365bf37be5f63d89c00d0ff6089be76b17c17b03c617b7bfd0780a44a69d0a35caaca72b98fa1e138998322e9ca3ea76fbaca529a565ca6714dda3414cf1d47dfc160e9c2d6c14ed918dda38b3e7d9db692682d1bc24514c87455eaeb295060c3f1a164315a90ea8f1ab817899d25c564f812a0f7b977043974b9ad7d5dc1dabf5bbc50e1f1da3ef18630ab0f2c3436224f8d77537927de7855dc2d0ed36d207b841851fc30643e867b90f9741f73e03d552ebb4c3aabf222f0e9572bb38ca4b238bca08e14af1437a7df9bc0abc7648dc46faba9f12ad5baa2594dc55c2bdeed4f28e2a0de4690abaf371c86de4512ea6dd41e9c9dbafafd2d8ff691b3a1b84d1935974b90d30d88eb7eb7e2306a6052c49df170c522dc6bd27f55dcd325b3be4c4fe2d24233f5a14bf49852ad704d58ba8a15b23525465fa54e5b06429ce9dfadb2ceff0221925864
\\x9fca418801344a4b8182e562b7ae645a	\\x7801d595cf6ed34010c65f65d8b38592d006940b822244455521888450d583630fcd527bd75aaf295614a9afc10bf0607d12be35eedaebd425483dd043a4fd333319ffe69bd9b38d282d17a755be622316d3a8d92eeb82c542e4b1cc442474c1ea4857ca8ac541240c1759dd6e9f452293eab2dd4da2c6a3ddcdff387e6093b0739d3f6f7dfdc9211c0a5d4a2bbff34717552c70a2f8827b27c828b0f1de43537f31c51fb9acfc012c139d17195b4e9147246c5cf6724ee22cebbec05b1ee1b86c32d285955a617db6010bb76e40f5b0ccf6c77238c07280ec1aa43edd394e824f7e182c33841d62b10c2cb1e5d33877f57ec3b9a657a87859adbe7182a2892fba32f43e43056b4a711dd166f3569ad23a97edd6d92a5914ec6c97eb585d96f4551b0260a92e9ed03b364c317e766d98a9ccb42d6fae7f896dd4a104bc71946dd25d7d9c26db1da4e11c3db8d96487e53e2887363e1e2e0231f62ff621f93a2079c2f6e6fa27f04895d26c42b95495e5728ca0e138598321e9ca3ea5cfbaca525a565ca6714dda340ccf1dc57ef782a4dbb6ddeb748de83db6b7783a9aa3dd0bd380edad6b9fc15f450aa7c0a6efbc3759df90cdf4196d5d8c226fd9b62e8655d7ba3bb0e0d083b53bead0a8fd5107b6a3b05e0c60cd113bece919a205289a091230684e021b8f6b8a78816d703394a2c72016486c14188ae32dff65d63d5a2e770dbb55951741977eb232cb482a8bc10579a45852dc4cbe9741a71e933512d75653d3a954eb8a5635156badf8eeee841cef15dce011417d460587bbffaf3b91d4838bed5132e95ecf93b8b4104a7ddfab794ca95678192c5dc50ad69a12a3af52272803f5adf48f564ee7bf0101cc549c
\\xa547ec66c23885d8e438978df033cb83	\\x78017d91414fc3300c85ff4bce39d05106edadaaaa8903089571421cd2d49aa2a54e68522434edbfe37649e824c4d1cff67b5f9cf713b3a37116a47755df43cfca2c2f3853588b1e50426d26f4acdc66fc77b03683d5e0e7e1e286336301c3d8ed03ed6a85c75067779c8d60f577a8f39cb309ddd43939aa2e9a93474731298c6a6b9cf2ea2b4e6c369c211cc44aca8868104abf02fa98bea57469d00b497011a1b8bf20bea93816219392309332835e989244542bf4b53c3f18fa47dc0b77742d5833d2c54e4c681d126995b0908eac0cb6f03981f333372bffea5452825daefb5ff7a569ebe6795fed9ac56500e7c401926ba85b70d6e0f2af64a6f0295c6cd919af9aa9ba723e9f3f7e00702ebb51
\\xcfe2e546b42afe7496265b964d6b46b2	\\x78017591314fc3301085ff8b670f140143b7288a1003150a65420c8e7daaac3a67e3732aa1aaff9d4bb04d2ac4f8de3ddf7d79793f8b103d05d0891a63c088ed8314165b650035b47ec2c4d646fec65a3f0607698ede48e103604e6d38e52c1eb3e46184e0beb2bc9762429a06d2d10e653167063e510fb10e9e6cb2a792e09d0807b5726ea5189575af80a91cbe93427b4c4a33d5ca9bd9de6c31325d350a5f3598f007a63a1c5931afedf93bc13ce15ed1917a083e724d67a19ccbe7f8292321f76a3df6f03901a5197929edcfa4d11a42a9f4dfe94bd7b7dd6edf3c76cb961188d401ead6ac7ba0e071f9950c61f13997b5bc8957c3aaae365f2e1fdf888db87e
\\xdb9bc69e1cdebaf2085d730e7c1ff642	\\x7801d595cf6ed43010c65fc5f81ca1cdd27f9b0b822244455521a88450d5433619baa6891d390e255aadd4d7e00578b03e099f43d66bbbbb2b90b8f4102963cf78263f7f33b95af2d65073d1d573d23c4b93c1bcec1be219af7351f184ab86e4a9eaa4c1fee18b846b6aaa7e5c98c2ae84bc1dcdc364085a7b1fccfe447f205dd0103f59c76f9610d3a85618f19d3eda9391056548ba216fe9207272e1c791abdb180bf3ed42d54d45864aa4b0a599bc5d173e49789157d558b8b5d6bea7586e798625d518a124deaf96e3fb00ccc37384437d3ae934a0838fb048c724c7a8d0c6ba0a67203144bb95f428fa6c9e21e86fd1205de0ea8e451e7b67be6d0868724317796d6ffe0dd58abdc2ddb7ddfc1b15b879fe45759abdaf708d3d2bb19db0e5f2add0adb121ab95f595a269c8fa5e2e7279dbb2af4a332016f2e6197b479a588ec72c34116b2b65da87fb5f7c956c60829607f304f50730a10a4f6ab07c982015c04cad88229ab188787612211aee3950a383f448946e07d2087022f1369caf039ce7641eee7f829190259b4e582d6467a8dd8551535e2c0092a9ce3c679f555795ecb2a3b6cc7ba6f400f2daa2f49b1938ad3936b395374ef700a36e9feff8199b16f0f00eeaf7a4ba0ef51904d8069081faf6a0c56981ab7f6a40168eae2f793683b9b385533b999cf3d8c43662d3c58f8021c203b665fa4d634922c2936434fd6cf7869a9c605a459a84582270880a68f02c9e908e0f360257b7813a0370b01d0b3b5f916327391ff2bf0cbff429d3d9d6b0f3ae6e829efd64445531210d66198452e295e5c3307c19f4ed19335a60db2836f42deb55c7e63d6b164ad2f65ec505ed979efd95f8dd8ac9b55b79131c17290ffea1f2b010092f5613cf9033f071fa8a5ddd062202e1c1d1179e2decff0befe9b2d9fc5ecff3d64036fdbedfea192b95c45fc3b0bb5cc25bb142abbbd2ca4b438b73f56314d7f56f7f2d5dcb
\\x00cf9fa8b80987f2714839e71aea575f	\\x78016d51414ec33010fc8bcf39248142c92d8a22c401844239210e8eb3aaacba6b93759050d5bfb3496d37871e3d3b333b3bfe3a09375a72a03cd5c30083a8b60f99d0d8c80150416327f4a22a36dbec4a6cecd119f03379c6ad030cbcb22c3261341ea22ecfc408cefc8537b327a4a92735ea3e9adf67a2e735d765bcca92f6fa3732d814612f57086b8e529b0f401facef7266298b5e2a4e96f23071cef7a913121226a4881913c2292f8112c29a55ee04b3f97c2c0c2fb89374a00e9c1db9ae9390c684858f5c27c7426e585bece06702f2736e51dd1cd54a815bba2d9e6e28e3f8bded9af66d573fb7a22a37dc0610c93d5c8cf9a2f0ee809cc5e55f19d4f81a4a13d572f57a3846eada3a3f9fbfff01dc5bbb51
\\x249767dbf975b76a7f0799ccda2f3139	\\x78017551c14ac43014fc9777ce61d75d417a2ba5880745ea7a120f69fa58c2a62fb12f1564d97ff7759bd688789c79d399c9f4ed0c61f01cd0442ebb0e3b28b63b05962add2119acfc4851b8db3bf523ac7c1f1cc6ab78afc007a4a4dbcbb7ced229c18d820183fb5a5c148cc463cb66b0ed622d9a5642d628c1c1b38df673516c15101e75c688a6d7d6bd20c564bd1391f114b5915a1937757bb58958daadc4d26f25c4652eb33222c93ae7f4f44eec1ee8a0f9c40d063fc85067d0ce6571d289645beba9c18f11394e9da1989afc3995c660985795d47fcfcf7553d54f87f2be86e2467c7a64d6479c8da76566dc20074fd73f2aa4a5c734181402875fc715e5d69bcbe5fd1b75edb9ea
\\x45602f90794a8b089a60917c811932cc	\\x7801dd96df4edb3014c65fe528d2ee32a994b23fb99946a70926813a40dc202edce4b4f59ad89eed94555525de62da0bec45f6263cc98e439ad82d9d90c640ec2e76ce498e7ffe3e1f5f2c2263511d97c5107594ecc4d5f06cae304aa282f13c8a23a950f465296c94bc89238d2a9fd7430acfb998d6a34e5c65acdeeddd660e50a7e872f776ebe466e6751c2969b8e5333c715f8d12fa84c0318633414c93bc1eeabf7045f9e354162a478b19ad90cab2cc7835a72ccfdb1534a17d9a36554552592e053d5f2c88857bae40795888838f854adb8a8508bac4a6ba9d0d2a941dacf89f51b1485498c56356b8dd3e1f0017564b784f7b6ecae1174c69d7a2015748ab4148e50c351b23300b8b459f9032315f2e5db0e04aa10b3e92c6c2f9c0c0158265f914ac04a611cc446a0b7204aafedacdf5cf6819b73cbb81cc48183ecf3fc98c42439e1de25725b7887b4f4d743f20ba587ce4da58877db98c81c1eeafefc0336430921ae6b2d470fae1c404604fd9d5ed1b92068114a059a1c0f2022b92978ea56f64e2e9865b8ddcc8ae55fe56c9eed49bd302edacce8166ead144dbf8933c48753dbc95577e7c6e60d6dcbc5f162a50dd0926f0b9e4e914be9668dc2916938d3d25067afb5492cc46b964968b31d80937ceca7642b696ca19b992291743f9ed6e0112464f804e5b987141fff08ecd9553ef819a42039baf529f54807fa3bf0dc7d221e501db6cbd6fc33391007886a513d265d4207beb86edae1ad423e3a23a3cbfbab21edcafcf14cb9a5bfbcc5093b465360f3c7b20afe00835cf38139096b63df56138875e075e04a63d9bc8723cb1b7762db87b1c2268cc71c6844d9a4fdd5cff203b232beeb62edd903c25baebd1ff655b32c3561976c9578d64eb2b20c5b757c00ddfbe0a686dfa76d52aef71c8f5aa3f799743574d7897a189c7b91c3610a2c495b515d81dbc68aae5d55ef1eac5d51c9e299635dfee6b64d39765d8694fc98679068790e6926c5d75ca11cff15d60d6033643414eb43041a63318b2741a8391704893790ecc98b2a076eb5a2e2f5c17a61e2c47a3dab397bf01452eb990
\\x47309436f88404abee7128730546ed0d	\\x7801dd96d14edb3014865fe528d2ee328951dab2dc4ca3d30493401d206e10176e7ada7a4de22c71caaaaa126f31ed05f6227b139e64bf431aecb41d434348ec2eb6cf498ebffcbf8f2f175eae393d29e201675ef0c62f87e7f394bdc08b858c3cdf5329273d5524da0bda6ddfcb388de6d5b8e37b914ca6ab55bf4ca946fb5834a97dce4236c99dbd2ab99ee9fa5eaa72a9e58c4fcd5bcb02121eb335d36ac4d4c9a8d509ad1790618aaac7a82354711ab1e6a11798b2b4c85735ef6051445155b319ad427b98cebd00532ad5522578be5c54cf65a116975d7cd3e682248bcbaec3a5f53017a437b860c6d96c599713536fb7196a2f34b9680617a1f944c4e6875ff449263a53f41ebf3d2f065f38c47ff3fa32656432856ac6991833094d8b450fa444325f2e4d7022d3944df0b1ca355df473ba66d2229a92562432a67ca2324d6a4469f5b6db9b9fded2bf270a4a16d11686365140b38802b711e74a77d8f2034a7b83d739b81e2535243bf46ba45555f6781bd20307e962f15166b936dc974b9f04b57e7d273964412395d15c15199d7d38cd1db267e2fa6e051b01c9843211a7a465cc25ca2b03d33633aa36c3ad66ee34440b435988c1d442dcdd6f20de4774f97feabd63a241b8a9c4a7102dde593bd40b4c594f6ee697caa5a1bc83224e1dcd9d72409f0b194ee96bc1b939d27cb8d8d2a1a3b64f0544368a94d03219939ec8dc38594fe06a951a1f972295c9407ddb2c3fa8cb929f51160f65826f582ec7dfb44d8ee1560562cdf1f82ab5d61f269e5d7fed7fd1df9a61d11f2d621bbaefaa8156e79e6b58f74ceca2b73abcba6bc0fec6b0cd189bf6e623b12aaa0e44cdb66151d6931bb6fd42b9340cdb1339daa42e8673c7b687ea9a8e39934329120a0b7d7fecd3604e7b3bf4caf1edf94415e389be736c2ccde38029e3886722d141fdaadb9b1f70348b78b37b71d1b3b468ae48ff9973b1c1ad42ec40c4b568ab7ba0b9fade5f04d7bc8b9b80c56bddbb7b6fff74d4a1555bcdb6d33cebf6b1ee36dbe739ec70a4d418707fc747b722c35a1dfa989bf34be5d2f0ee41c662faba701bee19ac180de988c248c1da65c31cc988df39863d14334ee0464d1316d99006229cfa942b3ac2641491c8f32246d7359d57c6a619a315abd1a8f2edd56f9de7bc47
\\x58bc9f93660ae4a896c14e090a0ba989	\\x78016d91c16e83301044ffc5671f8006d2708b108a7a6855d1f454f560cc2ab2026b179b4a55947fef128c21528e3b3b1e3f8fbf2eccf4da1a90ceee9b061a96279b98338585680025147a40c7f2387de68bb3d09d69c18dee388b38d306d01bb3984eb70acf7e4e32ce7a30eddf3c279c0d6887daca5ed5737cca594d1785ebc864b4554efdae1c0827b15208a813aafd00743e7b176d38931a9d90c4e6c5a7ed6e02fc545e09884109908b420413d122dd810799d0c7e742f3824761cfb602a37b6aecc244db864713038121d5ac3456f03380752339d59d3cdaeda504732b38dd3e383aafdfcbaa28df8efb43494144d281b5e20453327d8c9f2bb046e3ed774954f8ea7b63398dfddd324cebe8e87afdfe072749bc92
\\x7630062865fe42f672b58bd6646ebeff	\\x7801d596c14edb4010865f6564a937572209243497aa50555009440171411c36c9846c637b5d7b0d8da248bc45d517e88bf44d7892fe6b6c67c72487222edcb2bb339bd96fff7fc7d7cb20b79c9e16f188b360d809cbe1e522e56018c44a47411898949343532416eb7bbd30c8388d16f504c6914ee6d5f043582655a3ee2ef673d9679c8dd9e5f7ebf466662f0c52936babeff8dced1b0cbb6190f02d7b33ed982619db8bd066017bb8aa9af16e188c4d9c466c79827f70755995d755ef6055455155b51bd5b18798ce8321a64c6ab549f0fb7a59fd2e69796cfa7d8906491e191cdce1acb17550a120b3077425d8a666e4b7c860461cb72c4cc4f8c922d45f10645097659051964f55ec6efdea8c746233439f70f77931face63dc5c70a6534626d3d8dc71a66e9994a5e5f210a854b258ad5c70a2d3945df089c92d5d9de574cf645534276b48654cf9cc6496cc94d26ab7c7873fc12a5c23adb05498f607126947aa0dc07da65d20144cfb757a73face73a8ff21b77668b32de425a042b0dba01e08a8cbe5179de5d6915fad4252d4fbfb8bf484154d4d460b536474f1f93c176c2fd4fdd30a6e1e2c13ca549c92d53197306f1c4edfd3a8da0db77b7a504bafa22e21e36c1ee46e0f0405e4c17e5bb8309710652953a1c6d23a22a641d9d6b8bf2018e3588d4d616957d7ab5bbaf366d1b4e47750c4a910de390fe95ba1c773fa5170ee9eb61066f6c42824f7b580d2a691515627b764673a7786b63398dba4cecea5527532323f376b1092f234e8ee91273ac17f78ef272ed0ef2c18bab8f5a3eca9106b428375aa2f1621af4d12449288f193855afd052141ece049b03380555e2cc167b6c5661e32777889abd3c32be303ab1ea10a58ab1377e15281ec79bf81a1048f4d9db81dd3a0d9da89b12098a14a8f59d7d5f56266ebb6817ff194f476d1b46c7ba872f44c5b4c16c2bc47e69e4e38d313ad121a1776dd0168b4a0dd1d7a27dc7b3933c5edcc3ef936d6eee78829e388ef546287cd568f0fbfe16b56f1660f436e9e20dd079314646dc2b563df987ffb38c1562d7677f08635caadbe0b3b2e65fd65f8ccc3f840f1906df0f02eece07b18fef2a061d17bf4ba3bb801e1e1418ddcb761cbc36d63bec63763abf5babab67243896d6a82d9560fbf59342d0f1f64ace6ef0bd97e2f60c96842c7348e0c2c5eb6cfa98ef8a330ee91bae304aeb43463954d68a4c6f3907243c7988c2252795ec4e8c1ae0febd8b5663466339d56febdf90798d6c158
\\x82c476a752fd06f9af6be4f8e76dd95f	\\x7801dd96db6e133110865f65b412778bd443a0526e100d422d52abd056bda97ae1ec4e1213af6d7c4888a2487d0bc40bf022bc499f84f136077bd320a84010ee76ecf1613fffbfc737b3cc3ad4e7beeaa1c9dafb791d5e4d3566edac625c6479a634ca8ef2d265eda33c33a8c5741152bae072b48ec2886544b96164174d81616c8bb2ebc1ab969779a695e58e8ff122cc5aaf2f718051cb5e23271e9ca4ae3a6844d8d42aa6550a5569810e4b5a81b6e5985dee99920b26967b0ed132b543cd366b5393d28e2b49df37b3c577bdd108cb418a65b18305088a622cf5841196036a48b15043030bb524ff5a6f2bc959fd6d3335ee48b050a243c2c21c9eb32a1cf77517b87446c16b3a74eb7b1fb0a063cbba5c238d4428d4180d1b203007b359874031399dcf43b2e45a63483e53d6c175d7c204c1313102a78019043b54c681ea835ecc767ff7359be76ba0843002fa2205fa239d356576b421b3fdd60650caf959a0617492bb9568c8dc86f438413a9bbde5c6bac07d3ecf81c1e1b7cfc04b64d05706a6ca1bb87c736113b2976cf2d043e74e242518566970bcc21ae56d80195b99808670ab950f53c42487ad56a6bec4c914ff25c5aedc593be0b7fb782799342477ec2b9d88ed02dbf0def362041f3dda7095e564df488089ccde7952575f28e6b81c801b721b2cec866467a583816b7572d9539f1ed71d318c741734852597b44664efa580d63764a43dea8ceecb7f527b0754539e2cbe0da7d2b51111db2cbabb4e8bf6ff6458eb024157f6ae2ba8e1d40eb354189d2fa7895f4fd404ced0f09233098577eb8b1e7a5368edc1b3c4b05743e50743f760d58a87cf1e82418163265d7b35d5fddd17b232b2ea71db52c58d4418de44ff97657ff1d957bf2a96cfbe0dc792fd23589b8e6d3c5fc800bb75bffd09c7ee249386638f0db2d1739fd6d74b32a028e1140aa1c8d0757dec7381af129b9eb0314af2a083213253428f15a31cac82536a140298b5bea2221b0a2daf42eda5caabfafd855b6fbf035533b622
\\x905a3bdbf6ffb10402fd89b7d11aa1c7	\\x78016d914f6bc3300cc5bf8bcf3934fbc3466f2184d1c3cac8bad3d8c1b145317564d77206a3f4bb4f496337851ef5f4f4fcb3f47d123e38f2a022555a8316ebf2b910066ba90115d46ec0386aafc5d558bbde5b88a3795508e70167db23bbacc1439a2a44006fffaee5803474a482e97272213a7e23bfc481de9189e637395841d8cb5ba597c67e02c6145db24b398c5231d6521ce9beccac24be2c9433e152b8e064858317d459e6c9f1a7a037b89374a016bc0bbca99390d6268097090a79b9c6610bc701288ed4bcd07bad4a29f0d35a9fee0ca6ee47d3d6cd7657bd3562fdc0c61e88e41e2eb94c3bd72d9077385d944583eff3c6a69b859b66ae96d1abf3f9e71f753ab9f4
\\x9a60d3525866fb3adfccd0d5033b85c2	\\x78017551416ac33010fc8bce3eb485d03637634ce921a5b8e9a9e4204b4b109157aa562e8490bf77edc8b64ce9716647b3b3a3af8bf0c1910715a9d41ab4d8de3f17c2602535a082caf51899db3c158bb0729db71007f15d219c074cb207565983a7047918c0dbf3027ba4be25154c3b39b3a6e51df326c6de9189e62753201ce59ae9a4b11f8031596f1e0ba11c46a93855c60dd93e4d22a6743331e5cb895b989cc932e7f47027e857dc4b3a5103de05eee922a4b5cbb91c09b959e3b081ef1e280e91c7d2fe4c4aa5c04f95fe3b7daf9baa7edb972ff5e8d201913cc2ec9a7003e41d8e9fc9271adca5b2c63761359cd1caf97a3dfc0288ffb8fa
\\xb6321fc38c9a064d8b4b2f8c5c9fc1fd	\\x7801dd965d6e1a3110c7af325aa96f5b292169d3f25235545552291185282f511eccee002e5edbf5071421a4dca2ea057a91de2427e97821b0862095b412a46feb8ff1cefef6ff9ff1cd24b10ef5a52f3a6892fa615a0eafc61a937a52302e9234511a654379e968fd559a18d4623c1f1fa489e072b01c859087bd6f67a14d341986e0139a2883173314ae95e58e0fb1154e4dea3423b187f14cb4a71a1c6dad2e84a4aae34c155aa0c39c3e81b270cc5672ce9878c8995ebfd8daa0695b66a4b4e34ad2f3cd846084e79254950b05fe3197da0a9737473be3e290b8308797ac083ffcba095c3aa3e03dfd76eb3b5f30a3ff9634b946228a90a9211ad643600e2693064165723c9d86cd926b8d61f385b20eae9b1646088e89013805cc20d8be320e5417f4fcb4fbbb9fc9345d129d6399ab670ba19dacf03c2115ef48679b789e463c27938fdc5817a04fa7293038faf51d788e0cbacac0587903ed0f2d1b616db3d16c85cc40182518566870bcc092e36d20597532d10cc38d4ede82efe12ae0da7e1899d2fae7467ea658567477ea0b1d29ae8575f8ec793680af1e6da8602919b8a2c2486b9f3c49ac2b14735cf6c0f5b90d26767d32b4d2c1c2a544b9eca86f8f8b8f0a5a457ca11863ce25bda35232b7a898b43504560bfa8efcbd680e499d0cf664f5adb9f53802b6de77b790658daa5f44ab4687ef012e4aebc9bc964d62fe71db37897dc2b2e2d606b3d41e9dcfc79167cfd4082ed0f09c33099977cb8a0f9d311c1fc08bc8b4577de57b7d37b36bc1c36307c1a0c02193aebe38eafeee07d91959f1b875496915eb86abd1ff655baa254f96e19a6d5f47b0d66dfb70b15bde8f37de96f7b2c6fd0dac4d9e7d964c561c7b6a900d5efab8c7b6c980228773c8842243973db2cb05be8b6c7ac68628c9830efac84c0e1d960d52b00ace69520860d6fa821a6d68b6bc08fd97baafea76e76ebdfd0d1d0fb7ca
\\xc26cf7f716e61301eaaa3c29a4edac76	\\x7801dd965b4e1b311486b7723452dfa612e1569a97aaa4aaa0122805c40be2c1993949dc786cd797d0288ac42eaa6ea01be94e58498f875cec04aa14810a7d1b7b6c8fe7f7ff9ddf17e3cc3ad4c7beeaa0c99a8dbc6e9e8d3466cdac625c6479a634ca96f2d265cdb77966508bd1b4b9916782cbc1a215664c5b8daddb996d340586b9bbb3c9f31e9aae95e58e0ff124ac9a35a947620fd39e644c3c39191abf089b8adb85aab4408725fd216dcb311bedb96062b667fafc7c688bba6dbd23a51d57929e2fc6a44578ae858a64d95e5f969d2555f6e89bb5a4f17e933f7e32551c922acce131abc2699fb7814b6714bca733b7bef3050b3ab5accd35929e08851aa2613d04e6603c6e91a44c8e2693305872ad310c3e52d6c179dbc215826362004e013308b6af8c03d5053d5dede6fa6736c9177a6e26362391d6b5d9de929ebb74becf4ccffd44cff1f82337d605d127931c186cfdfa0ebc44065d6560a4bc81d30f273691f5945dddbe2163908c120cab34385e61ade3655032c698d40ccd7b316eecae2f30f933383db6e73fd2778e664dc4a343fc3245598278df573ab1db0936e1b3e7c500be7ab4a178e5446f64c1c4689f3cf9ab2b14735cf6c0f5b90d04bb3ed1ac74e0b7f627971df5ed6ee7117d91f3421dc6924bfa46542d67156f111bf786c8b334df2695a707bb6f8555ca8e48b1d5c8a50217d7424ae8c7548b964b52b4462b899f18fc6468fc226c296e3f31aa2f529325525bcc522e3a5f8e125e0fd4151ca1e12567120aef16a51e3a23d8de805709b0677de57b7d778b6ac5c36307c1a0c02193ae395feae6fa07a18cacba1b5b727464c27023facf907df307641b04c1dcb0d36bdf264d58dcfb56a0a5fc8cf45a85b6f11735aeb17c85d999a5734c54c2e4935d09e732d00d97b6f5e02ab7b8d891b651e97fa9ba2cb1bb6f900d5efb34694f094551c221144211da755276b9c07709b0076c88926874d047664ae8b06290835570489d4200b3d65714b7217279155298325875bb536e2f7f03f0ecb7d5
\\xca906d01447aa397c2f707a8f969ccb3	\\x78017d91414bc4301085ff4bce39b8c2a2ecad94221e14a9eb493ca4c9b0844d2731930ab2ec7f779a6d6217c4e3bc7979efebf4fd2442f41440276a8c0123769b3b292cb6ca006a68fd8489b5edbdfc35b67e0c0e5236b3ee0360f549e12c1e97f1568a08c17d97ad1413d234908e7628d137520c5c52ab780e9e6cb25fc5b19102e1a0560a7b4665dd2b602ad10cad3d26a5196ba5cd6c6fb608db0b5d150a5f15b8ea025315ae5a31afe5f93bc13ce25ed1917a083ef2a14e4239b7d4f15346423eadf5d8c3e704946664b1fb6bd3680d21dff4bfed4bd7b7ddf3be79e872ca0844ea003575997ba0e031ff4d0eb3f8b41c2bbf8957cb3a5d259fcf1f3ff8a2b928
\.


--
-- Data for Name: copies; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.copies (id, digest, template, subject, snippet) FROM stdin;
1	\\x51181bb616e9123601d5762f238c953f	Demo bump	Still interested in a demo?	I tried to reach you by phone…
2	\\x7af8f84e4793f16ce5c8bb6e8eb4dce1	Demo A	Your Klenty demo, {{FirstName}}	Thanks for asking! Here are three slots…
3	\\x88f477f59f0a5cfbe4419e71470753b4	Demo B	Let’s find 20 minutes	Thanks for reaching out. Would Tuesday or…
4	\\xb5b48be693ee5b870a1757dedc2e8040	\N	Last try, {{FirstName}}	I don’t want to crowd your inbox…
5	\\x0ca631b0cf3594433081621575a8695e	VP intro B	{{FirstName}}, a 3× idea for your SDRs	Saw your post on ramp time…
6	\\x4574755e2505cd746860b54aa42e3246	Bump	Re: Quick question, {{FirstName}}	Just floating this to the top of your inbox…
7	\\x516cfad362c44467e41b332cfef03a89	VP intro A	Pipeline coverage at {{Company}}	Most VPs we talk to are short of pipeline…
8	\\x65cb370eeb6af5dba6eb34d6e2036a3e	Case study	How Meridian cut ramp time by 40 %	Thought this might be relevant: Meridian’s team…
9	\\xbb43b67c75b220c1549a18a54b525bb4	Break-up	Should I close your file?	Haven’t heard back, so I’ll assume the timing is off…
\.


--
-- Data for Name: current_options; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.current_options (series_id, days, first_day, place, option_place, step, option, step_type, copy_id, emails_sent, opens, clicks, replies, positive_replies, negative_replies) FROM stdin;
1	1	20768	0	0	1	1	email	2	2	2	1	1	0	0
1	1	20768	0	1	1	2	email	3	2	5	0	2	2	0
1	1	20768	2	0	3	1	email	1	7	10	0	1	0	1
1	1	20768	3	0	4	1	email	4	0	8	0	0	0	0
1	1	20769	0	0	1	1	email	2	5	2	0	3	0	1
1	1	20769	0	1	1	2	email	3	1	2	0	0	0	0
1	1	20769	2	0	3	1	email	1	8	5	0	2	1	1
1	1	20769	3	0	4	1	email	4	0	2	0	0	0	0
1	1	20770	0	0	1	1	email	2	11	5	0	0	0	0
1	1	20770	0	1	1	2	email	3	8	5	0	1	0	0
1	1	20770	2	0	3	1	email	1	6	12	0	0	0	0
1	1	20770	3	0	4	1	email	4	20	4	1	0	0	0
1	7	20759	0	0	1	1	email	2	24	22	2	1	1	0
1	7	20759	0	1	1	2	email	3	23	25	0	1	1	0
1	7	20759	2	0	3	1	email	1	36	34	1	1	1	0
1	7	20759	3	0	4	1	email	4	42	46	1	5	3	1
1	20	20758	0	0	1	1	email	2	73	69	4	12	3	4
1	20	20758	0	1	1	2	email	3	76	84	1	11	8	0
1	20	20758	2	0	3	1	email	1	116	124	5	13	6	5
1	20	20758	3	0	4	1	email	4	104	112	5	8	5	2
2	1	20767	0	0	1	1	email	7	5	4	0	0	0	0
2	1	20767	0	1	1	2	email	5	8	5	0	0	0	0
2	1	20767	1	0	2	1	email	6	0	16	0	0	0	0
2	1	20767	3	0	4	1	email	8	0	8	0	1	1	0
2	1	20767	5	0	6	1	email	9	18	10	0	0	0	0
2	1	20768	0	0	1	1	email	7	10	2	0	0	0	0
2	1	20768	0	1	1	2	email	5	7	5	1	1	1	0
2	1	20768	1	0	2	1	email	6	0	3	1	0	0	0
2	1	20768	3	0	4	1	email	8	0	0	0	0	0	0
2	1	20768	5	0	6	1	email	9	0	5	0	0	0	0
2	1	20769	0	0	1	1	email	7	12	10	0	0	0	0
2	1	20769	0	1	1	2	email	5	7	5	0	0	0	0
2	1	20769	1	0	2	1	email	6	17	5	0	0	0	0
2	1	20769	3	0	4	1	email	8	21	5	0	0	0	0
2	1	20769	5	0	6	1	email	9	0	3	0	0	0	0
2	1	20770	0	0	1	1	email	7	8	1	0	0	0	0
2	1	20770	0	1	1	2	email	5	7	7	0	1	0	0
2	1	20770	1	0	2	1	email	6	12	13	0	0	0	0
2	1	20770	3	0	4	1	email	8	42	9	1	0	0	0
2	1	20770	5	0	6	1	email	9	41	8	0	0	0	0
2	7	20759	0	0	1	1	email	7	36	23	2	0	0	0
2	7	20759	0	1	1	2	email	5	50	32	3	6	1	3
2	7	20759	1	0	2	1	email	6	78	63	0	1	0	0
2	7	20759	3	0	4	1	email	8	77	54	3	1	0	1
2	7	20759	5	0	6	1	email	9	60	49	2	0	0	0
2	20	20758	0	0	1	1	email	7	112	66	3	0	0	0
2	20	20758	0	1	1	2	email	5	129	87	6	13	2	5
2	20	20758	1	0	2	1	email	6	230	179	4	3	0	1
2	20	20758	3	0	4	1	email	8	228	135	9	4	2	2
2	20	20758	5	0	6	1	email	9	205	144	4	2	1	0
1	1	20767	0	0	1	1	email	2	4	4	0	1	1	0
1	1	20767	0	1	1	2	email	3	5	1	0	0	0	0
1	1	20767	2	0	3	1	email	1	0	11	1	1	0	1
1	1	20767	3	0	4	1	email	4	6	4	0	1	1	0
\.


--
-- Data for Name: current_steps; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.current_steps (series_id, days, first_day, place, step, step_type, emails_sent, opens, clicks, replies, positive_replies, negative_replies, completed, tasks, calls, completed_calls) FROM stdin;
1	1	20768	0	1	email	4	7	1	3	2	0	4	0	0	0
1	1	20768	1	2	call	0	0	0	0	0	0	6	0	6	6
1	1	20768	2	3	email	7	10	0	1	0	1	7	0	0	0
1	1	20768	3	4	email	0	8	0	0	0	0	0	0	0	0
1	1	20769	0	1	email	6	4	0	3	0	1	6	0	0	0
1	1	20769	1	2	call	0	0	0	0	0	0	4	0	3	4
1	1	20769	2	3	email	8	5	0	2	1	1	8	0	0	0
1	1	20769	3	4	email	0	2	0	0	0	0	0	0	0	0
1	1	20770	0	1	email	19	10	0	1	0	0	19	0	0	0
1	1	20770	1	2	call	0	0	0	0	0	0	2	0	5	2
1	1	20770	2	3	email	6	12	0	0	0	0	6	0	0	0
1	1	20770	3	4	email	20	4	1	0	0	0	20	0	0	0
1	7	20759	0	1	email	47	47	2	2	2	0	47	0	0	0
1	7	20759	1	2	call	0	0	0	0	0	0	36	0	43	36
1	7	20759	2	3	email	36	34	1	1	1	0	36	0	0	0
1	7	20759	3	4	email	42	46	1	5	3	1	42	0	0	0
1	20	20758	0	1	email	149	153	5	23	11	4	149	0	0	0
1	20	20758	1	2	call	0	0	0	0	0	0	90	0	123	90
1	20	20758	2	3	email	116	124	5	13	6	5	116	0	0	0
1	20	20758	3	4	email	104	112	5	8	5	2	104	0	0	0
2	1	20767	0	1	email	13	9	0	0	0	0	13	0	0	0
2	1	20767	1	2	email	0	16	0	0	0	0	0	0	0	0
2	1	20767	2	3	linkedin	0	0	0	0	0	0	25	0	0	0
2	1	20767	3	4	email	0	8	0	1	1	0	0	0	0	0
2	1	20767	4	5	call	0	0	0	0	0	0	27	0	11	27
2	1	20767	5	6	email	18	10	0	0	0	0	18	0	0	0
2	1	20768	0	1	email	17	7	1	1	1	0	17	0	0	0
2	1	20768	1	2	email	0	3	1	0	0	0	0	0	0	0
2	1	20768	2	3	linkedin	0	0	0	0	0	0	26	0	0	0
2	1	20768	3	4	email	0	0	0	0	0	0	0	0	0	0
2	1	20768	4	5	call	0	0	0	0	0	0	7	0	0	7
2	1	20768	5	6	email	0	5	0	0	0	0	0	0	0	0
2	1	20769	0	1	email	19	15	0	0	0	0	19	0	0	0
2	1	20769	1	2	email	17	5	0	0	0	0	17	0	0	0
2	1	20769	2	3	linkedin	0	0	0	0	0	0	2	0	0	0
2	1	20769	3	4	email	21	5	0	0	0	0	21	0	0	0
2	1	20769	4	5	call	0	0	0	0	0	0	0	0	0	0
2	1	20769	5	6	email	0	3	0	0	0	0	0	0	0	0
2	1	20770	0	1	email	15	8	0	1	0	0	15	0	0	0
2	1	20770	1	2	email	12	13	0	0	0	0	12	0	0	0
2	1	20770	2	3	linkedin	0	0	0	0	0	0	2	0	0	0
2	1	20770	3	4	email	42	9	1	0	0	0	42	0	0	0
2	1	20770	4	5	call	0	0	0	0	0	0	1	0	20	1
2	1	20770	5	6	email	41	8	0	0	0	0	41	0	0	0
2	7	20759	0	1	email	86	55	5	6	1	3	86	0	0	0
2	7	20759	1	2	email	78	63	0	1	0	0	78	0	0	0
2	7	20759	2	3	linkedin	0	0	0	0	0	0	58	0	0	0
2	7	20759	3	4	email	77	54	3	1	0	1	77	0	0	0
2	7	20759	4	5	call	0	0	0	0	0	0	55	0	61	55
2	7	20759	5	6	email	60	49	2	0	0	0	60	0	0	0
2	20	20758	0	1	email	241	153	9	13	2	5	241	0	0	0
2	20	20758	1	2	email	230	179	4	3	0	1	230	0	0	0
2	20	20758	2	3	linkedin	0	0	0	0	0	0	174	0	0	0
2	20	20758	3	4	email	228	135	9	4	2	2	228	0	0	0
2	20	20758	4	5	call	0	0	0	0	0	0	160	0	203	160
2	20	20758	5	6	email	205	144	4	2	1	0	205	0	0	0
1	1	20767	0	1	email	9	5	0	1	1	0	9	0	0	0
1	1	20767	1	2	call	0	0	0	0	0	0	4	0	8	4
1	1	20767	2	3	email	0	11	1	1	0	1	0	0	0	0
1	1	20767	3	4	email	6	4	0	1	1	0	6	0	0	0
\.


--
-- Data for Name: current_windows; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.current_windows (series_id, days, first_day, bucket, cadence_id, owner, engagement_at, steps_at, complete_at, prospects_added, in_cadence_now, completed, contacted, emails_sent, opens, clicks, replies, positive_replies, negative_replies, unmarked_replies, unsubscribes, bounces, emails_sent_source, contacted_source) FROM stdin;
1	1	20768	day	5e9da504b886001266944400	sam.rivera@sandbox.example	2026-12-01T06:37:50.413247Z	2026-12-01T06:37:50.413247Z	2026-12-01T06:37:50.413247Z	4	61	5	11	11	25	1	4	2	1	1	0	0	reported	reported
1	1	20769	day	5e9da504b886001266944400	sam.rivera@sandbox.example	2026-12-01T06:37:50.414507Z	2026-12-01T06:37:50.414507Z	2026-12-01T06:37:50.414507Z	6	61	0	14	14	11	0	5	1	2	2	0	0	reported	reported
1	1	20770	day	5e9da504b886001266944400	sam.rivera@sandbox.example	2026-12-01T06:37:50.433380Z	2026-12-01T06:37:50.433380Z	2026-12-01T06:37:50.433380Z	19	61	0	45	45	26	1	1	0	0	1	0	0	reported	reported
1	7	20759	week	5e9da504b886001266944400	sam.rivera@sandbox.example	2026-12-01T06:37:50.434702Z	2026-12-01T06:37:50.434702Z	2026-12-01T06:37:50.434702Z	47	61	38	95	125	127	4	8	6	1	1	0	0	reported	reported
1	20	20758	range	5e9da504b886001266944400	sam.rivera@sandbox.example	2026-12-01T06:37:50.440915Z	2026-12-01T06:37:50.440915Z	2026-12-01T06:37:50.440915Z	149	61	90	197	369	389	15	44	22	11	11	0	0	reported	reported
2	1	20767	day	5e9dab09b886001266944400	lena.brandt@sandbox.example	2026-12-01T06:37:50.520744Z	2026-12-01T06:37:50.520744Z	2026-12-01T06:37:50.520744Z	13	158	14	31	31	43	0	1	1	0	0	0	0	reported	reported
2	1	20768	day	5e9dab09b886001266944400	lena.brandt@sandbox.example	2026-12-01T06:37:50.522130Z	2026-12-01T06:37:50.522130Z	2026-12-01T06:37:50.522130Z	17	158	18	17	17	15	2	1	1	0	0	0	0	reported	reported
2	1	20769	day	5e9dab09b886001266944400	lena.brandt@sandbox.example	2026-12-01T06:37:50.523397Z	2026-12-01T06:37:50.523397Z	2026-12-01T06:37:50.523397Z	19	158	0	57	57	28	0	0	0	0	0	0	0	reported	reported
2	1	20770	day	5e9dab09b886001266944400	lena.brandt@sandbox.example	2026-12-01T06:37:50.524793Z	2026-12-01T06:37:50.524793Z	2026-12-01T06:37:50.524793Z	15	158	0	110	110	38	1	1	0	0	1	1	0	reported	reported
2	7	20759	week	5e9dab09b886001266944400	lena.brandt@sandbox.example	2026-12-01T06:37:50.526117Z	2026-12-01T06:37:50.526117Z	2026-12-01T06:37:50.526117Z	86	158	58	224	301	221	10	8	1	4	3	4	1	reported	reported
2	20	20758	range	5e9dab09b886001266944400	lena.brandt@sandbox.example	2026-12-01T06:37:50.527526Z	2026-12-01T06:37:50.527526Z	2026-12-01T06:37:50.527526Z	241	158	160	379	904	611	26	22	5	8	9	5	2	reported	reported
1	1	20767	day	5e9da504b886001266944400	sam.rivera@sandbox.example	2026-12-01T06:37:50.555574Z	2026-12-01T06:37:50.555574Z	2026-12-01T06:37:50.555574Z	9	61	11	15	15	20	1	3	2	1	0	0	0	reported	reported
\.


--
-- Data for Name: deliveries; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.deliveries (id, account_id, received_at, last_at, event, cadence, owner, prospect, body, digest, repeats) FROM stdin;
1	1	2026-11-20T08:00:00.000000Z	2026-11-20T08:00:00.000000Z	reply	Inbound demo requests	sam@example.com	ada@example.com	{"cadenceName":"Inbound demo requests","email":"ada@example.com","event":"reply","prospectOwner":"sam@example.com"}	c534a4c3f56a6705c0ccf47c8879327fb8f57302c82310bbdff27a50a692d058	0
2	1	2026-11-20T09:00:00.000000Z	2026-11-20T09:00:00.000000Z	emailOpened	Outbound – VP Sales, North America	\N	bob@example.com	{"cadenceName":"Outbound \\u2013 VP Sales, North America","email":"bob@example.com","event":"emailOpened"}	6fb112a267e2791db47682996c37d2ee7eb257c481f5aab7b5ac2588d23f36f3	0
\.


--
-- Data for Name: leases; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.leases (name, holder, until) FROM stdin;
sync of account 1	31671aebe92043ea9fec4925fde7ff50	2026-12-01T07:37:50.813264Z
\.


--
-- Data for Name: ledger; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.ledger (id, account_id, at, person, role, operation, subject, sent) FROM stdin;
1	1	2026-12-01T06:37:50.708151Z	kim@example.com	admin	stop_cadence	ada@example.com	{"email": "ada@example.com", "cadenceName": "Inbound demo requests"}
2	1	2026-12-01T06:37:50.736049Z	kim@example.com	admin	start_cadence	bulk	{"cadenceName": "Inbound demo requests"}
3	1	2026-12-01T06:37:50.798768Z	kim@example.com	admin	resume_cadence	bob@example.com	{"email": "bob@example.com"}
\.


--
-- Data for Name: ledger_ends; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.ledger_ends (id, entry_id, at, state, message, what_to_check, attempts) FROM stdin;
1	1	2026-12-01T06:37:50.717997Z	done	The cadence was stopped.		1
\.


--
-- Data for Name: ledger_rows; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.ledger_rows (entry_id, "position", number, email, sent) FROM stdin;
2	0	2	ada@example.com	{"Email": "ada@example.com"}
2	1	3	bob@example.com	{"Email": "bob@example.com"}
2	2	4	cy@example.com	{"Email": "cy@example.com"}
\.


--
-- Data for Name: ledger_turns; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.ledger_turns (entry_id, "position", turn, at, person, state, message) FROM stdin;
2	0	1	2026-12-01T06:37:50.762044Z	kim@example.com	sending	No answer was recorded.
2	1	1	2026-12-01T06:37:50.762044Z	kim@example.com	sending	No answer was recorded.
2	0	2	2026-12-01T06:37:50.772097Z	kim@example.com	done	added
\.


--
-- Data for Name: observations; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.observations (id, series_id, days, first_day, bucket, fetched_at, seconds, cadence_id, owner, engagement, steps, prospects_added, in_cadence_now, completed, contacted, emails_sent, opens, clicks, replies, positive_replies, negative_replies, unmarked_replies, unsubscribes, bounces) FROM stdin;
1	1	1	20767	day	2026-12-01T06:37:50.408151Z	0.008822497999062762	5e9da504b886001266944400	sam.rivera@sandbox.example	\\x1327e980c5b4eab4cc85f527e4db4fba	\\x817c6869d2fd3a624328224ffa6dbc19	9	61	11	15	15	20	1	3	2	1	0	0	0
2	1	1	20768	day	2026-12-01T06:37:50.413247Z	0.005085668000901933	5e9da504b886001266944400	sam.rivera@sandbox.example	\\x774c1de6a5f252a848327fd559b77dc3	\\x4062aee6a9fb49ca7f4def3955984dd5	4	61	5	11	11	25	1	4	2	1	1	0	0
3	1	1	20769	day	2026-12-01T06:37:50.414507Z	0.0012528370007203193	5e9da504b886001266944400	sam.rivera@sandbox.example	\\xcfe2e546b42afe7496265b964d6b46b2	\\x9fca418801344a4b8182e562b7ae645a	6	61	0	14	14	11	0	5	1	2	2	0	0
4	1	1	20770	day	2026-12-01T06:37:50.433380Z	0.018869030998757808	5e9da504b886001266944400	sam.rivera@sandbox.example	\\x4763e348c68db1a1b52bc67d54420c7c	\\x0800f5d76345ae6213176a80de11c01c	19	61	0	45	45	26	1	1	0	0	1	0	0
5	1	7	20759	week	2026-12-01T06:37:50.434702Z	0.001312716000029468	5e9da504b886001266944400	sam.rivera@sandbox.example	\\x5f07f5a3d2ffe23961a16a460229f51f	\\x90da0f8080da3c5a67bba0fd43188a6c	47	61	38	95	125	127	4	8	6	1	1	0	0
6	1	20	20758	range	2026-12-01T06:37:50.440915Z	0.006208452999999281	5e9da504b886001266944400	sam.rivera@sandbox.example	\\xa547ec66c23885d8e438978df033cb83	\\xdb9bc69e1cdebaf2085d730e7c1ff642	149	61	90	197	369	389	15	44	22	11	11	0	0
7	2	1	20767	day	2026-12-01T06:37:50.520744Z	0.008684293999976944	5e9dab09b886001266944400	lena.brandt@sandbox.example	\\x249767dbf975b76a7f0799ccda2f3139	\\xc26cf7f716e61301eaaa3c29a4edac76	13	158	14	31	31	43	0	1	1	0	0	0	0
8	2	1	20768	day	2026-12-01T06:37:50.522130Z	0.0013776020005025202	5e9dab09b886001266944400	lena.brandt@sandbox.example	\\xca906d01447aa397c2f707a8f969ccb3	\\x82c476a752fd06f9af6be4f8e76dd95f	17	158	18	17	17	15	2	1	1	0	0	0	0
9	2	1	20769	day	2026-12-01T06:37:50.523397Z	0.0012628519998543197	5e9dab09b886001266944400	lena.brandt@sandbox.example	\\x9a60d3525866fb3adfccd0d5033b85c2	\\xb6321fc38c9a064d8b4b2f8c5c9fc1fd	19	158	0	57	57	28	0	0	0	0	0	0	0
10	2	1	20770	day	2026-12-01T06:37:50.524793Z	0.0013927449999755481	5e9dab09b886001266944400	lena.brandt@sandbox.example	\\x905a3bdbf6ffb10402fd89b7d11aa1c7	\\x45602f90794a8b089a60917c811932cc	15	158	0	110	110	38	1	1	0	0	1	1	0
11	2	7	20759	week	2026-12-01T06:37:50.526117Z	0.0013192460010031937	5e9dab09b886001266944400	lena.brandt@sandbox.example	\\x00cf9fa8b80987f2714839e71aea575f	\\x47309436f88404abee7128730546ed0d	86	158	58	224	301	221	10	8	1	4	3	4	1
12	2	20	20758	range	2026-12-01T06:37:50.527526Z	0.0014053030008653877	5e9dab09b886001266944400	lena.brandt@sandbox.example	\\x58bc9f93660ae4a896c14e090a0ba989	\\x7630062865fe42f672b58bd6646ebeff	241	158	160	379	904	611	26	22	5	8	9	5	2
13	1	1	20767	day	2026-12-01T06:37:50.555574Z	0.005970471000182442	5e9da504b886001266944400	sam.rivera@sandbox.example	\\x1327e980c5b4eab4cc85f527e4db4fba	\\x817c6869d2fd3a624328224ffa6dbc19	9	61	11	15	15	20	1	3	2	1	0	0	0
\.


--
-- Data for Name: series; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.series (id, account_id, cadence, timezone) FROM stdin;
1	1	Inbound demo requests	Asia/Kolkata
2	1	Outbound – VP Sales, North America	Asia/Kolkata
\.


--
-- Name: accounts_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.accounts_id_seq', 2, true);


--
-- Name: copies_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.copies_id_seq', 9, true);


--
-- Name: deliveries_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.deliveries_id_seq', 2, true);


--
-- Name: ledger_ends_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.ledger_ends_id_seq', 1, true);


--
-- Name: ledger_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.ledger_id_seq', 3, true);


--
-- Name: observations_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.observations_id_seq', 13, true);


--
-- Name: series_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.series_id_seq', 2, true);


--
-- Name: account_notes account_notes_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.account_notes
    ADD CONSTRAINT account_notes_pkey PRIMARY KEY (account_id, name);


--
-- Name: accounts accounts_base_url_user_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.accounts
    ADD CONSTRAINT accounts_base_url_user_key UNIQUE (base_url, "user");


--
-- Name: accounts accounts_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.accounts
    ADD CONSTRAINT accounts_pkey PRIMARY KEY (id);


--
-- Name: alembic_version alembic_version_pkc; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);


--
-- Name: answers answers_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.answers
    ADD CONSTRAINT answers_pkey PRIMARY KEY (digest);


--
-- Name: copies copies_digest_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.copies
    ADD CONSTRAINT copies_digest_key UNIQUE (digest);


--
-- Name: copies copies_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.copies
    ADD CONSTRAINT copies_pkey PRIMARY KEY (id);


--
-- Name: current_options current_options_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.current_options
    ADD CONSTRAINT current_options_pkey PRIMARY KEY (series_id, days, first_day, place, option_place);


--
-- Name: current_steps current_steps_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.current_steps
    ADD CONSTRAINT current_steps_pkey PRIMARY KEY (series_id, days, first_day, place);


--
-- Name: current_windows current_windows_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.current_windows
    ADD CONSTRAINT current_windows_pkey PRIMARY KEY (series_id, days, first_day);


--
-- Name: deliveries deliveries_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.deliveries
    ADD CONSTRAINT deliveries_pkey PRIMARY KEY (id);


--
-- Name: leases leases_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.leases
    ADD CONSTRAINT leases_pkey PRIMARY KEY (name);


--
-- Name: ledger_ends ledger_ends_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.ledger_ends
    ADD CONSTRAINT ledger_ends_pkey PRIMARY KEY (id);


--
-- Name: ledger ledger_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.ledger
    ADD CONSTRAINT ledger_pkey PRIMARY KEY (id);


--
-- Name: ledger_rows ledger_rows_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.ledger_rows
    ADD CONSTRAINT ledger_rows_pkey PRIMARY KEY (entry_id, "position");


--
-- Name: ledger_turns ledger_turns_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.ledger_turns
    ADD CONSTRAINT ledger_turns_pkey PRIMARY KEY (entry_id, "position", turn);


--
-- Name: observations observations_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.observations
    ADD CONSTRAINT observations_pkey PRIMARY KEY (id);


--
-- Name: observations observations_series_id_days_first_day_fetched_at_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.observations
    ADD CONSTRAINT observations_series_id_days_first_day_fetched_at_key UNIQUE (series_id, days, first_day, fetched_at);


--
-- Name: series series_account_id_cadence_timezone_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.series
    ADD CONSTRAINT series_account_id_cadence_timezone_key UNIQUE (account_id, cadence, timezone);


--
-- Name: series series_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.series
    ADD CONSTRAINT series_pkey PRIMARY KEY (id);


--
-- Name: deliveries_by_digest; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX deliveries_by_digest ON public.deliveries USING btree (account_id, digest);


--
-- Name: deliveries_by_prospect; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX deliveries_by_prospect ON public.deliveries USING btree (account_id, prospect);


--
-- Name: deliveries_by_time; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX deliveries_by_time ON public.deliveries USING btree (account_id, received_at);


--
-- Name: ix_ledger_ends_entry_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_ledger_ends_entry_id ON public.ledger_ends USING btree (entry_id);


--
-- Name: ix_ledger_rows_email; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_ledger_rows_email ON public.ledger_rows USING btree (email);


--
-- Name: ledger_by_account_and_time; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ledger_by_account_and_time ON public.ledger USING btree (account_id, at);


--
-- Name: account_notes account_notes_account_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.account_notes
    ADD CONSTRAINT account_notes_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id);


--
-- Name: deliveries deliveries_account_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.deliveries
    ADD CONSTRAINT deliveries_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id);


--
-- Name: ledger ledger_account_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.ledger
    ADD CONSTRAINT ledger_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id);


--
-- Name: ledger_ends ledger_ends_entry_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.ledger_ends
    ADD CONSTRAINT ledger_ends_entry_id_fkey FOREIGN KEY (entry_id) REFERENCES public.ledger(id);


--
-- Name: ledger_rows ledger_rows_entry_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.ledger_rows
    ADD CONSTRAINT ledger_rows_entry_id_fkey FOREIGN KEY (entry_id) REFERENCES public.ledger(id);


--
-- Name: ledger_turns ledger_turns_entry_id_position_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.ledger_turns
    ADD CONSTRAINT ledger_turns_entry_id_position_fkey FOREIGN KEY (entry_id, "position") REFERENCES public.ledger_rows(entry_id, "position");


--
-- Name: observations observations_series_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.observations
    ADD CONSTRAINT observations_series_id_fkey FOREIGN KEY (series_id) REFERENCES public.series(id);


--
-- Name: series series_account_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.series
    ADD CONSTRAINT series_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id);


--
-- PostgreSQL database dump complete
--


