//! `DescribeUsers`

use crate::elasticache::engine_type::EngineType;
use crate::elasticache::names::UserId;
use crate::elasticache::page::Page;
use crate::elasticache::parameters::Parameters;
use crate::elasticache::refusal::Refusal;
use crate::elasticache::user::User;
use crate::elasticache::xml::Element;
use crate::elasticache::{Call, ElastiCache};

pub(super) fn handle(state: &ElastiCache, call: &Call<'_>) -> Result<Vec<Element>, Refusal> {
    let page = Page::requested(call.parameters)?;
    let only = call.parameters.get("UserId").map(UserId::parse).transpose()?;
    let engine = call.parameters.get("Engine").map(EngineType::parse).transpose()?;
    let filters = filters(call.parameters)?;
    let visible = |user: &&User| user.visible_from <= call.now;
    if let Some(id) = &only {
        state.users.get(id).filter(visible).ok_or_else(|| Refusal::user_not_found(id))?;
    }
    let users = page
        .rest_of(&state.users)
        .filter(visible)
        .filter(|user| only.as_ref().is_none_or(|id| user.id == *id))
        .filter(|user| engine.is_none_or(|engine| user.engine == engine))
        .filter(|user| filters.iter().all(|filter| filter.admits(user)))
        .map(|user| (user.id.to_string(), state.user_element(user).renamed("member")));
    Ok(page.of("Users", users))
}

/// A property, and the values it may have.
struct Filter<'a> {
    property: Property,
    values: Vec<&'a str>,
}

enum Property {
    UserId,
    UserName,
    Engine,
    Status,
}

impl Filter<'_> {
    fn admits(&self, user: &User) -> bool {
        match self.property {
            Property::UserId => {
                self.values.iter().any(|id| user.id.as_str().eq_ignore_ascii_case(id))
            }
            Property::UserName => self.values.contains(&user.name.as_str()),
            Property::Engine => {
                self.values.iter().any(|word| user.engine.to_string().eq_ignore_ascii_case(word))
            }
            Property::Status => self.values.contains(&user.status()),
        }
    }
}

fn filters(parameters: &Parameters) -> Result<Vec<Filter<'_>>, Refusal> {
    let mut filters = Vec::new();
    for (index, [name]) in (1..).zip(parameters.records("Filters.member", ["Name"])) {
        let property = match name.unwrap_or_default() {
            "UserId" | "user-id" => Property::UserId,
            "UserName" | "user-name" => Property::UserName,
            "Engine" | "engine" => Property::Engine,
            "Status" | "status" => Property::Status,
            unknown => {
                return Err(Refusal::value(format!("The filter {unknown} is not supported.")));
            }
        };
        let values = parameters.list(&format!("Filters.member.{index}.Values.member"));
        if values.is_empty() {
            return Err(Refusal::missing("Filters.member.Values"));
        }
        filters.push(Filter { property, values });
    }
    Ok(filters)
}
