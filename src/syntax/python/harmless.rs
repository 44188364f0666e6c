//! What a module may use while it is imported without doing more than bind names: functions that only make a value of
//! what they are given, decorators and base classes that call nothing of the project, packages whose import changes no
//! other.

/// Functions that make a value. Those that take a function and call it, or give something that is used up, aren't among
/// them.
const FUNCTIONS: [&str; 26] = [
    "base64 b64decode b64encode",
    "builtins abs all any ascii bin bool bytes chr complex dict divmod float format frozenset hex int isinstance \
        issubclass len list max min oct ord pow range repr round set slice sorted str sum tuple",
    "collections ChainMap Counter OrderedDict deque namedtuple",
    "dataclasses field",
    "datetime date datetime time timedelta timezone date.fromisoformat date.today datetime.fromisoformat datetime.now \
        datetime.strptime datetime.utcnow",
    "decimal Decimal",
    "enum auto",
    "fastflowtransform engine env profile var",
    "fractions Fraction",
    "functools partial",
    "json dumps loads",
    "logging getLogger",
    "math ceil exp floor isclose log log10 log2 pow radians sqrt",
    "numpy arange array datetime64 dtype float32 float64 full int32 int64 linspace ones timedelta64 zeros",
    "operator attrgetter itemgetter methodcaller",
    "os getenv environ.get fspath path.abspath path.basename path.dirname path.join path.normpath path.realpath",
    "pandas CategoricalDtype DataFrame DatetimeTZDtype DateOffset Index Interval Period Series Timedelta Timestamp \
        to_datetime to_timedelta",
    "pathlib Path PosixPath PurePath PurePosixPath Path.cwd Path.home",
    "pyarrow array binary bool_ date32 date64 decimal128 decimal256 dictionary duration field float16 float32 float64 \
        int16 int32 int64 int8 large_binary large_list large_string large_utf8 list_ map_ null scalar schema string \
        struct table time32 time64 timestamp uint16 uint32 uint64 uint8 utf8",
    "re compile escape",
    "string Template",
    "struct Struct calcsize",
    "textwrap dedent",
    "types MappingProxyType SimpleNamespace",
    "typing NamedTuple NewType ParamSpec TypeVar TypeVarTuple TypedDict cast",
    "uuid UUID",
];

const DECORATORS: [&str; 8] = [
    "abc abstractmethod",
    "builtins classmethod property staticmethod",
    "contextlib asynccontextmanager contextmanager",
    "dataclasses dataclass",
    "enum unique",
    "functools cache cached_property lru_cache total_ordering",
    "typing final no_type_check overload override runtime_checkable",
    "warnings deprecated",
];

const BASES: [&str; 8] = [
    "abc ABC",
    "collections Counter OrderedDict UserDict UserList UserString defaultdict deque",
    "builtins bool bytes dict float frozenset int list object set str tuple",
    "contextlib AbstractContextManager ContextDecorator",
    "enum Enum Flag IntEnum IntFlag StrEnum",
    "string Formatter Template",
    "threading Thread local",
    "typing Any Generic NamedTuple Protocol TypedDict",
];

/// Methods of texts and paths.
const METHODS: &str = "absolute as_posix capitalize casefold count encode endswith expanduser expandtabs find format \
    index isalnum isalpha isdigit islower isupper join joinpath ljust lower lstrip partition relative_to removeprefix \
    removesuffix replace resolve rjust rpartition rsplit rstrip split splitlines startswith strip swapcase title upper \
    with_name with_stem with_suffix zfill";

/// Packages whose import changes no other, of Python and of the well known. What some of them do when they are used is
/// told by [`super::dynamic`].
const PACKAGES: &str = "builtins cloudpickle code codeop ctypes dill gc imp importlib joblib marshal mock pickle pkgutil \
    pydoc runpy shelve timeit unittest zipimport \
    abc argparse ast asyncio base64 bisect calendar cmath codecs collections concurrent contextlib \
    copy csv dataclasses datetime decimal difflib email enum errno fnmatch fractions functools getpass glob gzip \
    hashlib heapq hmac html http inspect io ipaddress itertools json linecache logging lzma math mimetypes multiprocessing \
    numbers operator os pathlib platform pprint queue random re secrets shutil signal socket sqlite3 statistics string \
    struct subprocess sys tempfile textwrap threading time traceback types typing unicodedata urllib uuid warnings \
    weakref xml zipfile zlib zoneinfo \
    attr attrs bs4 dateutil httpx jinja2 lxml numpy orjson pandas polars psycopg2 pyarrow pydantic pytz requests \
    scipy sklearn sqlalchemy tqdm typing_extensions yaml";

/// Whether calling the function of this dotted name does no more than make a value.
pub fn is_function(name: &str) -> bool {
    listed(&FUNCTIONS, name) || is_exception(name)
}

pub fn is_decorator(name: &str) -> bool {
    listed(&DECORATORS, name)
}

pub fn is_base(name: &str) -> bool {
    listed(&BASES, name) || is_exception(name)
}

pub fn is_method(name: &str) -> bool {
    METHODS.split_whitespace().any(|known| known == name)
}

/// Whether importing the package of this dotted name changes nothing else.
pub fn is_package(name: &str) -> bool {
    let top = name.split('.').next().unwrap_or_default();
    PACKAGES.split_whitespace().any(|known| known == top)
}

fn is_exception(name: &str) -> bool {
    let known = name.strip_prefix("builtins.");
    known.is_some_and(|name| ["Error", "Exception", "Warning"].iter().any(|end| name.ends_with(end)))
}

fn listed(table: &[&str], name: &str) -> bool {
    // A backport is what it stands in for.
    let name = name.replacen("typing_extensions.", "typing.", 1);
    table.iter().any(|row| {
        let mut words = row.split_whitespace();
        let package = words.next().unwrap_or_default();
        let rest = name.strip_prefix(package).and_then(|rest| rest.strip_prefix('.'));
        rest.is_some_and(|rest| words.any(|word| word == rest))
    })
}
