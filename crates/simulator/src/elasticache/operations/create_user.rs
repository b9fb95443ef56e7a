//! `CreateUser`

use crate::elasticache::accounts::ADMIN_USER_NAME;
use crate::elasticache::authentication::{self, Authentication};
use crate::elasticache::engine_type::EngineType;
use crate::elasticache::events::Source;
use crate::elasticache::life::Life;
use crate::elasticache::names::UserId;
use crate::elasticache::refusal::Refusal;
use crate::elasticache::tags::Tags;
use crate::elasticache::user::{Rights, User};
use crate::elasticache::xml::Element;
use crate::elasticache::{Call, ElastiCache, access_string};

pub(super) fn handle(
    state: &mut ElastiCache,
    call: &mut Call<'_>,
) -> Result<Vec<Element>, Refusal> {
    let parameters = call.parameters;
    let id = UserId::parse(parameters.required("UserId")?)?;
    let name = user_name(parameters.required("UserName")?)?;
    let engine = EngineType::parse(parameters.required("Engine")?)?;
    let access_string =
        access_string::canonical(parameters.required("AccessString")?, call.engine)?;
    let authentication = Authentication::requested(parameters, &call.settings.behaviour)?
        .ok_or_else(|| authentication::unknown_type("null"))?;
    check_authentication(&id, &name, engine, &authentication)?;
    let mut tags = Tags::requested(parameters, &call.settings.quotas)?;

    // Also an id whose deletion is not over yet is taken.
    if state.users.contains_key(&id) {
        return Err(Refusal::new("UserAlreadyExists", format!("User {id} already exists.")));
    }
    // The stock `default` user does not count.
    if state.users.len() > call.settings.quotas.users {
        return Err(Refusal::new(
            "UserQuotaExceeded",
            "The maximum number of users has been exceeded.",
        ));
    }

    let latencies = &call.settings.latencies;
    if !tags.all().is_empty() && !latencies.tagging_window.is_zero() {
        tags.unavailable_until = Some(call.done_after(latencies.tagging_window));
    }
    let user = User {
        arn: call.place.elasticache_arn("user", id.as_str()),
        id: id.clone(),
        name,
        engine,
        wanted: Rights { access_string, authentication },
        in_force: None,
        life: Life::creating(call.done_after(latencies.user_create)),
        tags,
        visible_from: call.done_after(latencies.read_after_write),
    };
    let answer = user.element(Vec::new()).into_children();
    state.users.insert(id.clone(), user);
    state.events.note(call.now, Source::User, id.as_str(), "User created");
    Ok(answer)
}

/// The engines take no white space in a name, and no second ruler.
fn user_name(text: &str) -> Result<String, Refusal> {
    let unfit = |c: char| c.is_whitespace() || c.is_control();
    if text.is_empty() || text.contains(unfit) || text == ADMIN_USER_NAME {
        return Err(Refusal::value("The parameter UserName is invalid."));
    }
    Ok(text.to_owned())
}

/// What the kinds of users may log in with.
pub(super) fn check_authentication(
    id: &UserId,
    name: &str,
    engine: EngineType,
    authentication: &Authentication,
) -> Result<(), Refusal> {
    match (engine, authentication) {
        (_, Authentication::Iam) if id.as_str() != name => Err(Refusal::combination(
            "User Id and User name must be same for authentication type: iam",
        )),
        (EngineType::Valkey, Authentication::NoPassword) => {
            Err(Refusal::combination("Valkey users must have authentication type password or iam"))
        }
        _ => Ok(()),
    }
}
