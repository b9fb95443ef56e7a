//! Cache users.

use std::{collections::BTreeMap, sync::Arc};

use aws_sdk_elasticache::{
    operation::{
        add_tags_to_resource::AddTagsToResourceInput, create_user::CreateUserInput,
        delete_user::DeleteUserInput, describe_users::DescribeUsersInput,
        list_tags_for_resource::ListTagsForResourceInput, modify_user::ModifyUserInput,
    },
    types::{AuthenticationMode, AuthenticationType, InputAuthenticationType, Tag, User},
};

use super::{Cloud, CloudError, OwnershipTags, UserListing, pages::next_page};
use crate::domain::{Auth, Password, UserId, UserName, UserState};

/// A user as `DescribeUsers` shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserReport {
    /// Its id.
    pub id: UserId,
    /// What a client sends in `AUTH`.
    pub name: UserName,
    /// Its ARN, needed to read its tags.
    pub arn: String,
    /// Whether it can be changed now.
    pub state: UserState,
    /// Its access string, as AWS rewrote it. Shared, because it is long and rarely changes.
    pub access_string: Arc<str>,
    /// Whether anybody may log in as this user, without a password.
    pub takes_anyone: bool,
    /// How it proves who it is; `None` if it need not, or if AWS does not say.
    pub auth: Option<Auth>,
    /// How many passwords it has, if AWS says so.
    pub passwords: Option<u8>,
}

/// A user to be made, or to be brought back to what it should be.
#[derive(Clone, Debug)]
pub struct NewUser {
    /// Its id.
    pub id: UserId,
    /// What a client sends in `AUTH`.
    pub name: UserName,
    /// The engine of the user group: a Valkey user cannot join a Redis group.
    pub engine: String,
    /// What it may do.
    pub access_string: String,
    /// How it proves who it is.
    pub authentication: Authentication,
    /// Whose it is.
    pub tags: OwnershipTags,
}

/// How a user proves who it is.
#[derive(Clone, Debug)]
pub enum Authentication {
    /// By this password and no other.
    Password(Password),
    /// By tokens that IAM checks.
    Iam,
}

impl Cloud {
    /// All users of the Region, in pages of 100. Texts that are as they were are taken from the
    /// latest listing.
    pub(super) async fn list_users(
        &self,
        latest: Option<&UserListing>,
    ) -> Result<BTreeMap<UserId, UserReport>, CloudError> {
        const OPERATION: &str = "DescribeUsers";
        let (mut users, mut marker) = (BTreeMap::new(), None);
        loop {
            let call = DescribeUsersInput::builder().max_records(100);
            let page = self.send(call.set_marker(marker.clone())).await?;
            for user in page.users.unwrap_or_default() {
                let user = report(OPERATION, user, latest)?;
                users.insert(user.id.clone(), user);
            }
            marker = next_page(OPERATION, marker.as_deref(), page.marker)?;
            if marker.is_none() {
                return Ok(users);
            }
        }
    }

    /// Makes a user, tagged at birth: tags that are added later can fail for a while. Answers
    /// whether it can be changed already.
    pub async fn create_user(&self, user: &NewUser) -> Result<UserState, CloudError> {
        let tags = aws_tags(&user.tags);
        let call = CreateUserInput::builder()
            .user_id(user.id.as_str())
            .user_name(user.name.as_str())
            .engine(&user.engine)
            .access_string(&user.access_string)
            .set_passwords(user.authentication.passwords())
            .set_authentication_mode(user.authentication.mode())
            .set_tags(Some(tags));
        let answer = self.send(call).await.map_err(|error| user.authentication.hide(error))?;
        Ok(state(answer.status()))
    }

    /// Gives an existing user its access string and its only password again, or IAM's tokens.
    pub async fn reset_user(&self, user: &NewUser) -> Result<(), CloudError> {
        let call = ModifyUserInput::builder()
            .user_id(user.id.as_str())
            .access_string(&user.access_string)
            .set_passwords(user.authentication.passwords())
            .set_authentication_mode(user.authentication.mode());
        self.send(call).await.map_err(|error| user.authentication.hide(error))?;
        Ok(())
    }

    /// Gives an existing user another access string. Its passwords and its connections stay.
    pub async fn set_access_string(&self, id: &UserId, text: &str) -> Result<(), CloudError> {
        self.send(ModifyUserInput::builder().user_id(id.as_str()).access_string(text)).await?;
        Ok(())
    }

    /// Gives an existing user these passwords, one or two, and no other. Its access string and its
    /// connections stay.
    pub async fn set_passwords(
        &self,
        id: &UserId,
        passwords: &[&Password],
    ) -> Result<(), CloudError> {
        let mut call = ModifyUserInput::builder().user_id(id.as_str());
        for password in passwords {
            call = call.passwords(password.expose());
        }
        self.send(call).await.map_err(|error| {
            passwords.iter().fold(error, |error, password| error.without(password))
        })?;
        Ok(())
    }

    /// Removes a user. AWS takes it out of its groups by itself.
    pub async fn delete_user(&self, id: &UserId) -> Result<(), CloudError> {
        self.send(DeleteUserInput::builder().user_id(id.as_str())).await?;
        Ok(())
    }

    /// The tags of a user. [`NotFound`](super::CloudErrorKind::NotFound) may be untrue while the
    /// user is being changed
    /// (<https://github.com/hashicorp/terraform-provider-aws/issues/34002>).
    pub async fn user_tags(&self, arn: &str) -> Result<BTreeMap<String, String>, CloudError> {
        let answer = self.send(ListTagsForResourceInput::builder().resource_name(arn)).await?;
        let pair = |tag: &Tag| Some((tag.key.clone()?, tag.value.clone().unwrap_or_default()));
        Ok(answer.tag_list().iter().filter_map(pair).collect())
    }

    /// Gives a user our tags. Others that it has stay.
    pub async fn tag_user(&self, arn: &str, tags: &OwnershipTags) -> Result<(), CloudError> {
        let call = AddTagsToResourceInput::builder().resource_name(arn);
        self.send(call.set_tags(Some(aws_tags(tags)))).await?;
        Ok(())
    }
}

impl Authentication {
    fn passwords(&self) -> Option<Vec<String>> {
        match self {
            Self::Password(password) => Some(vec![password.expose().to_owned()]),
            Self::Iam => None,
        }
    }

    /// What says that it is not by passwords.
    fn mode(&self) -> Option<AuthenticationMode> {
        let iam = AuthenticationMode::builder().r#type(InputAuthenticationType::Iam);
        matches!(self, Self::Iam).then(|| iam.build())
    }

    /// Makes sure that a password that was sent cannot come back in the message.
    fn hide(&self, error: CloudError) -> CloudError {
        match self {
            Self::Password(password) => error.without(password),
            Self::Iam => error,
        }
    }
}

fn aws_tags(tags: &OwnershipTags) -> Vec<Tag> {
    let tag = |(key, value)| Tag::builder().key(key).value(value).build();
    tags.pairs().into_iter().map(tag).collect()
}

fn report(
    operation: &'static str,
    user: User,
    latest: Option<&UserListing>,
) -> Result<UserReport, CloudError> {
    let missing = |what| CloudError::incomplete(operation, what);
    let id = UserId::new(&user.user_id.ok_or_else(|| missing("UserId"))?);
    let text = user.access_string.unwrap_or_default();
    let known = latest.and_then(|listing| listing.get(&id)).map(|user| &user.access_string);
    Ok(UserReport {
        name: UserName::new(user.user_name.ok_or_else(|| missing("UserName"))?),
        arn: user.arn.ok_or_else(|| missing("ARN"))?,
        state: state(user.status.as_deref()),
        access_string: match known {
            Some(known) if **known == *text => Arc::clone(known),
            _ => Arc::from(text),
        },
        passwords: user
            .authentication
            .as_ref()
            .and_then(|how| u8::try_from(how.password_count?).ok()),
        auth: user.authentication.as_ref().and_then(|how| match how.r#type {
            Some(AuthenticationType::Password) => Some(Auth::Password),
            Some(AuthenticationType::Iam) => Some(Auth::Iam),
            _ => None,
        }),
        takes_anyone: user
            .authentication
            .is_some_and(|how| how.r#type == Some(AuthenticationType::NoPassword)),
        id,
    })
}

fn state(status: Option<&str>) -> UserState {
    match status {
        Some("active") => UserState::Active,
        Some("deleting") => UserState::Deleting,
        // `modifying`, `creating`, and whatever AWS may add: wait for `active`.
        _ => UserState::Changing,
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::Instant;

    use super::*;

    fn shown(id: &str, access_string: &str) -> User {
        let user = User::builder().user_id(id).user_name(id).arn(format!("arn:{id}"));
        user.status("active").access_string(access_string).build()
    }

    #[test]
    fn a_text_that_is_as_it_was_is_held_once() {
        let report = |id: &str, text: &str, latest: Option<&UserListing>| {
            report("DescribeUsers", shown(id, text), latest).unwrap()
        };
        let before = report("rf-acme", "on ~acme:* -@all", None);
        let users = BTreeMap::from([(before.id.clone(), before.clone())]);
        let latest = UserListing { began: Instant::now(), users };
        let same = report("RF-acme", "on ~acme:* -@all", Some(&latest));
        assert!(Arc::ptr_eq(&same.access_string, &before.access_string));
        let changed = report("rf-acme", "off ~acme:* -@all", Some(&latest));
        assert_eq!(&*changed.access_string, "off ~acme:* -@all");
        let new = report("rf-globex", "on ~acme:* -@all", Some(&latest));
        assert_eq!(&*new.access_string, "on ~acme:* -@all");
    }
}
