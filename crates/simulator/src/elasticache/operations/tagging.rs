//! Tags of users, groups and caches.
//!
//! AWS [denies][1] for some seconds after each of these calls, and while the resource is being
//! [modified][2], that the resource exists at all.
//!
//! [1]: https://github.com/hashicorp/terraform-provider-aws/issues/47638
//! [2]: https://github.com/hashicorp/terraform-provider-aws/issues/34002

use crate::elasticache::refusal::Refusal;
use crate::elasticache::tags::Tags;
use crate::elasticache::xml::Element;
use crate::elasticache::{Call, ElastiCache};

pub(super) fn add(state: &mut ElastiCache, call: &mut Call<'_>) -> Result<Vec<Element>, Refusal> {
    let more = Tags::requested(call.parameters, &call.settings.quotas)?;
    if more.all().is_empty() {
        return Err(Refusal::missing("Tags"));
    }
    change(state, call, |tags, call| tags.add(more, &call.settings.quotas))
}

pub(super) fn remove(
    state: &mut ElastiCache,
    call: &mut Call<'_>,
) -> Result<Vec<Element>, Refusal> {
    let parameters = call.parameters;
    let keys = parameters.list("TagKeys.member");
    if keys.is_empty() {
        return Err(Refusal::missing("TagKeys"));
    }
    change(state, call, |tags, _| tags.remove(&keys))
}

pub(super) fn list(state: &mut ElastiCache, call: &Call<'_>) -> Result<Vec<Element>, Refusal> {
    Ok(vec![tags_of(state, call)?.element()])
}

fn change(
    state: &mut ElastiCache,
    call: &mut Call<'_>,
    change: impl FnOnce(&mut Tags, &Call<'_>) -> Result<(), Refusal>,
) -> Result<Vec<Element>, Refusal> {
    let window = call.settings.latencies.tagging_window;
    let unavailable_until = (!window.is_zero()).then(|| call.done_after(window));
    let tags = tags_of(state, call)?;
    change(tags, call)?;
    tags.unavailable_until = unavailable_until;
    Ok(vec![tags.element()])
}

/// The tags of the resource a request names by its ARN, if they can be spoken of.
fn tags_of<'a>(state: &'a mut ElastiCache, call: &Call<'_>) -> Result<&'a mut Tags, Refusal> {
    let arn = call.parameters.required("ResourceName")?;
    let parts: Vec<_> = arn.splitn(7, ':').collect();
    let ["arn", _, "elasticache", _, _, kind, id] = parts[..] else {
        return Err(Refusal::new("InvalidARN", format!("{arn} is not a valid ElastiCache ARN.")));
    };
    let strict = !call.settings.latencies.tagging_window.is_zero();
    let closed = |tags: &Tags| tags.unavailable_until.is_some_and(|until| until > call.now);
    match kind {
        "user" => {
            let user = state.users.values_mut().find(|user| user.arn == arn);
            let user = user.ok_or_else(|| Refusal::user_not_found(id))?;
            if strict && (!user.life.is_quiet() || closed(&user.tags)) {
                return Err(Refusal::user_not_taggable(id));
            }
            Ok(&mut user.tags)
        }
        "usergroup" => {
            let group = state.groups.values_mut().find(|group| group.arn == arn);
            let group = group.ok_or_else(|| Refusal::group_not_found(id))?;
            if strict && (!group.life.is_quiet() || closed(&group.tags)) {
                return Err(Refusal::group_not_taggable(id));
            }
            Ok(&mut group.tags)
        }
        "replicationgroup" => {
            let cache = state.caches.values_mut().find(|cache| cache.arn == arn);
            Ok(&mut cache.ok_or_else(|| Refusal::cache_not_found(id))?.tags)
        }
        _ => Err(Refusal::new("InvalidARN", format!("{arn} is not the ARN of a known resource."))),
    }
}
