//! A session of a Spark Connect server, spoken with one call at a time.
//!
//! A query is only ever sent between brackets: the server runs a statement of its own where it expects a query.

use super::error::Failure;
use super::settings::Settings;
use crate::engine::{EngineError, ErrorKind, Interrupt};
use spark_connect_core::{RetryPolicy, SparkConnectClient, block_on, get_runtime};
use spark_connect_proto::execute_plan_response::ResponseType;
use spark_connect_proto::expression::literal::LiteralType;
use spark_connect_proto::expression::{ExprType, Literal};
use spark_connect_proto::plan::OpType;
use spark_connect_proto::relation::RelType;
use spark_connect_proto::release_execute_request::{Release, ReleaseAll};
use spark_connect_proto::{
    Command, DataType, ExecutePlanRequest, Expression, Plan, Relation, ReleaseExecuteRequest, Sql, SqlCommand,
    UserContext, command, config_request, data_type,
};
use std::net::{TcpStream, ToSocketAddrs};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use uuid::Uuid;

/// How long a server may take to answer at all.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a lost connection is given to come back.
const RETRIES: u32 = 6;
const FIRST_PAUSE_MS: u64 = 100;
const LONGEST_PAUSE_MS: u64 = 2_000;

/// What a call of the server gives, a piece at a time.
pub type TakeResponse<'a> = &'a mut dyn FnMut(ResponseType) -> Result<(), EngineError>;

/// Tries whether anything listens where the server is to be, which the library would wait for.
pub fn reach(settings: &Settings) -> Result<(), EngineError> {
    let failed = |problem: String| {
        let message = format!("the Spark Connect server {} can't be reached: {problem}", settings.shown);
        EngineError::new(ErrorKind::Connection, message)
    };
    let addresses = settings.shown.to_socket_addrs().map_err(|error| failed(error.to_string()))?;
    let mut problem = "its name has no address".to_string();
    for address in addresses {
        match TcpStream::connect_timeout(&address, PATIENCE) {
            Ok(_) => return Ok(()),
            Err(error) => problem = error.to_string(),
        }
    }
    Err(failed(problem))
}

pub struct Client {
    settings: Arc<Settings>,
    session: Mutex<Session>,
    running: Arc<Running>,
}

/// A session, and what it takes to go on in another one.
#[derive(Clone)]
struct Session {
    client: Arc<SparkConnectClient>,
    /// What the server calls it that opened it. One that was started again would open it anew under the same name,
    /// without any of its settings.
    of_server: String,
    /// The statement that says where names without a schema are looked for, once there was one.
    home: Option<String>,
    /// It holds what another one doesn't have: a temporary view, or what a model has left there.
    pinned: bool,
}

impl Client {
    /// Opens a session with its settings.
    pub fn open(settings: Arc<Settings>) -> Result<Client, EngineError> {
        reach(&settings)?;
        let opened = block_on(SparkConnectClient::connect(&settings.channel));
        let mut client = opened.map_err(|error| Failure::from(error).of_ours())?;
        client.set_retry_policy(RetryPolicy {
            max_retries: Some(RETRIES),
            initial_backoff_ms: FIRST_PAUSE_MS,
            max_backoff_ms: Some(LONGEST_PAUSE_MS),
            ..RetryPolicy::default()
        });
        let of_server = configure(&client, &settings)?;
        let session = Session { client: Arc::new(client), of_server, home: None, pinned: false };
        Ok(Client { settings, session: Mutex::new(session), running: Arc::default() })
    }

    /// What the session is called.
    pub fn session_id(&self) -> String {
        self.current().client.session_id().into()
    }

    /// Has names without a schema looked for where the statement says, in each session to come too.
    pub fn go_home(&self, statement: &str) -> Result<(), Failure> {
        if self.current().home.is_some() {
            return Ok(());
        }
        self.execute(command(statement, &[]), &mut |_| Ok(()))?;
        self.lock().home = Some(statement.into());
        Ok(())
    }

    /// Whether the session holds what another one wouldn't have.
    pub fn pin(&self, pinned: bool) {
        self.lock().pinned = pinned;
    }

    /// From now on a client in another language works in the session too: what it runs there ends where fft's own does,
    /// and with this.
    pub fn lend(&self) {
        self.pin(true);
        self.running.lock().lent = Some(self.current().client);
    }

    /// Goes on in a new session, which knows nothing of what the one before had seen.
    pub fn renew(&self) -> Result<(), Failure> {
        let renewed = self.open_anew();
        self.running.end();
        renewed
    }

    fn open_anew(&self) -> Result<(), Failure> {
        let before = self.current();
        let client = Arc::new(before.client.with_new_session_id());
        let of_server = configure(&client, &self.settings)?;
        *self.lock() = Session { client, of_server, home: None, pinned: false };
        get_runtime().spawn(async move { before.client.release_session().await });
        let Some(home) = before.home else { return Ok(()) };
        self.attempt(command(&home, &[]), &mut |_| Ok(()))?;
        self.lock().home = Some(home);
        Ok(())
    }

    fn current(&self) -> Session {
        self.lock().clone()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Session> {
        self.session.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends the running statement from another thread.
    pub fn interrupt(&self) -> Arc<dyn Interrupt> {
        Arc::new(Handle(self.running.clone()))
    }

    /// Runs a plan to its end; in a new session where the server has lost this one, and nothing with it.
    pub fn execute(&self, plan: OpType, take: TakeResponse<'_>) -> Result<(), Failure> {
        let result = match self.attempt(plan.clone(), take) {
            Err(failure) if failure.is_of_the_session() && !self.current().pinned => {
                self.open_anew().and_then(|()| self.attempt(plan, take))
            }
            result => result,
        };
        self.running.end();
        result
    }

    /// One call of the server, which goes on being the running one until [`Running::end`].
    fn attempt(&self, plan: OpType, take: TakeResponse<'_>) -> Result<(), Failure> {
        let (operation, session) = (Uuid::new_v4().to_string(), self.current());
        self.running.begin(&operation, &session.client);
        let result = self.run(&session, &operation, plan, take);
        let request = session.release(operation);
        // Nobody waits for that; a server that isn't told forgets it by itself.
        get_runtime().spawn(async move { session.client.release_execute(request).await });
        result
    }

    fn run(&self, session: &Session, operation: &str, plan: OpType, take: TakeResponse<'_>) -> Result<(), Failure> {
        let request = ExecutePlanRequest {
            session_id: session.client.session_id().into(),
            client_observed_server_side_session_id: Some(session.of_server.clone()),
            user_context: Some(user(&session.client)),
            operation_id: Some(operation.into()),
            plan: Some(Plan { op_type: Some(plan) }),
            ..Default::default()
        };
        let mut stream = block_on(session.client.execute_plan_reattachable(request))?;
        // A request to end it that came before the server knew of it was lost.
        self.running.began();
        while let Some(response) = block_on(stream.message())? {
            if let Some(response) = response.response_type {
                take(response)?;
            }
        }
        Ok(())
    }
}

impl Session {
    fn release(&self, operation_id: String) -> ReleaseExecuteRequest {
        ReleaseExecuteRequest {
            session_id: self.client.session_id().into(),
            user_context: Some(user(&self.client)),
            operation_id,
            release: Some(Release::ReleaseAll(ReleaseAll {})),
            ..Default::default()
        }
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        let Session { client, .. } = self.current();
        let lent = self.running.lock().lent.take().is_some();
        let release = async move {
            if lent {
                drop(client.interrupt_all().await);
            }
            drop(client.release_session().await);
        };
        // What another client left running has nobody else to end it, and this process may be about to end.
        if lent {
            drop(block_on(async { tokio::time::timeout(PATIENCE, release).await }));
        } else {
            get_runtime().spawn(release);
        }
    }
}

/// Sets what a session is to hold to, what fft relies on last; what the server calls the session.
fn configure(client: &SparkConnectClient, settings: &Settings) -> Result<String, EngineError> {
    let own = [("spark.sql.session.timeZone", "UTC"), ("spark.sql.ansi.enabled", "true")];
    let own = own.map(|(key, value)| (key.to_string(), value.to_string()));
    let pair = |(key, value): (String, String)| spark_connect_proto::KeyValue { key, value: Some(value) };
    let pairs = settings.configuration.iter().cloned().chain(own).map(pair).collect();
    let set = config_request::operation::OpType::Set(config_request::Set { pairs, ..Default::default() });
    let request = spark_connect_proto::ConfigRequest {
        session_id: client.session_id().into(),
        user_context: Some(user(client)),
        operation: Some(config_request::Operation { op_type: Some(set) }),
        ..Default::default()
    };
    let answer = block_on(client.config(request)).map_err(|error| Failure::from(error).of_ours())?;
    Ok(answer.server_side_session_id)
}

fn user(client: &SparkConnectClient) -> UserContext {
    UserContext { user_id: client.user_id().unwrap_or_default().into(), ..Default::default() }
}

/// A statement that changes something, or shows it.
pub fn command(text: &str, values: &[Option<String>]) -> OpType {
    let command = SqlCommand { input: Some(query(text, values)), ..Default::default() };
    OpType::Command(Command { command_type: Some(command::CommandType::SqlCommand(command)) })
}

/// The rows of a query, or of a statement that shows something.
pub fn query(text: &str, values: &[Option<String>]) -> Relation {
    let pos_arguments = values.iter().map(|value| literal(value.as_deref())).collect();
    relation(RelType::Sql(Sql { query: text.into(), pos_arguments, ..Default::default() }))
}

pub fn relation(of: RelType) -> Relation {
    Relation { common: None, rel_type: Some(of) }
}

fn literal(value: Option<&str>) -> Expression {
    let text = DataType { kind: Some(data_type::Kind::String(data_type::String::default())) };
    let literal = value.map_or(LiteralType::Null(text), |value| LiteralType::String(value.into()));
    let expression = ExprType::Literal(Literal { literal_type: Some(literal), ..Default::default() });
    Expression { common: None, expr_type: Some(expression) }
}

/// What runs in a session, and whether it is to end.
#[derive(Default)]
struct Running(Mutex<AtWork>);

#[derive(Default)]
struct AtWork {
    operation: Option<Operation>,
    /// The session, where others work in it too.
    lent: Option<Arc<SparkConnectClient>>,
}

/// A statement.
struct Operation {
    id: String,
    /// Its session.
    client: Arc<SparkConnectClient>,
    unwanted: bool,
}

impl Running {
    fn begin(&self, id: &str, client: &Arc<SparkConnectClient>) {
        let running = &mut self.lock().operation;
        // One that takes the place of another is as little wanted.
        let unwanted = running.as_ref().is_some_and(|operation| operation.unwanted);
        *running = Some(Operation { id: id.into(), client: client.clone(), unwanted });
    }

    fn began(&self) {
        let unwanted = self.lock().operation.as_ref().filter(|operation| operation.unwanted).map(Operation::end);
        unwanted.into_iter().for_each(|end| end());
    }

    fn end(&self) {
        self.lock().operation = None;
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, AtWork> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Operation {
    /// What ends it, to be called without the lock.
    fn end(&self) -> impl FnOnce() + use<> {
        let (client, id) = (self.client.clone(), self.id.clone());
        move || drop(block_on(client.interrupt_operation(&id)))
    }
}

struct Handle(Arc<Running>);

impl Interrupt for Handle {
    fn interrupt(&self) {
        let mut at_work = self.0.lock();
        let end = at_work.operation.as_mut().map(|operation| {
            operation.unwanted = true;
            operation.end()
        });
        let lent = at_work.lent.clone();
        drop(at_work);
        end.into_iter().for_each(|end| end());
        lent.into_iter().for_each(|client| drop(block_on(client.interrupt_all())));
    }
}
