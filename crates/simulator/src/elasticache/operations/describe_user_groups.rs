//! `DescribeUserGroups`

use crate::elasticache::names::UserGroupId;
use crate::elasticache::page::Page;
use crate::elasticache::refusal::Refusal;
use crate::elasticache::user_group::UserGroup;
use crate::elasticache::xml::Element;
use crate::elasticache::{Call, ElastiCache};

pub(super) fn handle(state: &ElastiCache, call: &Call<'_>) -> Result<Vec<Element>, Refusal> {
    let page = Page::requested(call.parameters)?;
    let only = call.parameters.get("UserGroupId").map(UserGroupId::parse).transpose()?;
    let visible = |group: &&UserGroup| group.visible_from <= call.now;
    if let Some(id) = &only {
        state.groups.get(id).filter(visible).ok_or_else(|| Refusal::group_not_found(id))?;
    }
    let groups = page
        .rest_of(&state.groups)
        .filter(visible)
        .filter(|group| only.as_ref().is_none_or(|id| group.id == *id))
        .map(|group| (group.id.to_string(), state.group_element(group).renamed("member")));
    Ok(page.of("UserGroups", groups))
}
