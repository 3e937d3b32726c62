//! Users, members and the audit log, in memory.

use domain::error::StorageError;
use domain::ports::{Audit, Members, Page, ReadAudit, ReadMembers, ReadUsers, Users};
use domain::{
    Account, AccountId, AccountPosition, AccountSearch, ApiKey, ApiKeyId, AuditEntry, AuditEntryId, Member,
    RefreshToken, Role, SecretHash, Session, SessionId, Timestamp, User, UserId, Username,
};

use super::{Draft, Membership, bounded_page, check_new, missing, page};

impl Draft {
    fn check_user(&self, id: UserId) -> Result<(), StorageError> {
        if self.0.users.contains_key(&id) { Ok(()) } else { Err(missing("user")) }
    }

    fn write_member(&mut self, account: AccountId, user: UserId, new: Membership) -> Result<(), StorageError> {
        self.check_account(account)?;
        self.check_user(user)?;
        let known = self.change().members.entry((account, user)).or_insert(new);
        *known = Membership { created_at: known.created_at, ..new };
        Ok(())
    }

    fn check_name(&self, user: &User) -> Result<(), StorageError> {
        let is_taken = self.0.users.values().any(|other| other.username == user.username && other.id != user.id);
        if is_taken { Err(StorageError::Backend("the name is taken".to_owned())) } else { Ok(()) }
    }
}

impl ReadUsers for Draft {
    fn find_user(&mut self, id: UserId) -> Result<Option<User>, StorageError> {
        Ok(self.0.users.get(&id).cloned())
    }

    fn find_user_named(&mut self, username: &Username) -> Result<Option<User>, StorageError> {
        Ok(self.0.users.values().find(|user| user.username == *username).cloned())
    }

    fn list_users(&mut self, after: Option<UserId>, max: usize) -> Result<Vec<User>, StorageError> {
        Ok(page(self.0.users.values().cloned(), |user| user.id, after.as_ref(), max))
    }

    fn list_operators(&mut self) -> Result<Vec<User>, StorageError> {
        let operators = self.0.users.values().filter(|user| user.is_operator).cloned();
        Ok(page(operators, |user| user.id, None, usize::MAX))
    }

    fn find_session(&mut self, id: SessionId) -> Result<Option<Session>, StorageError> {
        Ok(self.0.sessions.get(&id).cloned())
    }

    fn list_sessions(&mut self, user: UserId) -> Result<Vec<Session>, StorageError> {
        let mut sessions: Vec<_> = self.0.sessions.values().filter(|it| it.user_id == user).cloned().collect();
        sessions.sort_by_key(|session| (session.created_at, session.id));
        Ok(sessions)
    }

    fn find_refresh_token(&mut self, hash: &SecretHash) -> Result<Option<RefreshToken>, StorageError> {
        Ok(self.0.refresh_tokens.get(&hash.0).cloned())
    }

    fn find_api_key(&mut self, id: ApiKeyId) -> Result<Option<ApiKey>, StorageError> {
        Ok(self.0.api_keys.get(&id).cloned())
    }

    fn list_api_keys(
        &mut self,
        user: UserId,
        after: Option<ApiKeyId>,
        max: usize,
    ) -> Result<Vec<ApiKey>, StorageError> {
        let keys = self.0.api_keys.values().filter(|key| key.user_id == user).cloned();
        Ok(page(keys, |key| key.id, after.as_ref(), max))
    }
}

impl Users for Draft {
    fn lock_user(&mut self, id: UserId) -> Result<Option<User>, StorageError> {
        self.find_user(id)
    }

    fn insert_user(&mut self, user: &User) -> Result<(), StorageError> {
        check_new(&self.0.users, &user.id)?;
        self.check_name(user)?;
        self.change().users.insert(user.id, user.clone());
        Ok(())
    }

    fn update_user(&mut self, user: &User) -> Result<(), StorageError> {
        self.check_name(user)?;
        let known = self.0.users.get(&user.id).ok_or_else(|| missing("user"))?;
        let user = User { created_at: known.created_at, ..user.clone() };
        self.change().users.insert(user.id, user);
        Ok(())
    }

    fn delete_user(&mut self, id: UserId) -> Result<(), StorageError> {
        self.delete_sessions(id, None)?;
        let state = self.change();
        state.users.remove(&id);
        state.api_keys.retain(|_, key| key.user_id != id);
        state.members.retain(|(_, user), _| *user != id);
        Ok(())
    }

    fn insert_session(&mut self, session: &Session) -> Result<(), StorageError> {
        self.check_user(session.user_id)?;
        check_new(&self.0.sessions, &session.id)?;
        self.change().sessions.insert(session.id, session.clone());
        Ok(())
    }

    fn extend_session(&mut self, id: SessionId, expires_at: Timestamp) -> Result<(), StorageError> {
        self.change().sessions.get_mut(&id).ok_or_else(|| missing("session"))?.expires_at = expires_at;
        Ok(())
    }

    fn delete_session(&mut self, id: SessionId) -> Result<(), StorageError> {
        let state = self.change();
        state.sessions.remove(&id);
        state.refresh_tokens.retain(|_, token| token.session_id != id);
        Ok(())
    }

    fn delete_sessions(&mut self, user: UserId, until: Option<Timestamp>) -> Result<(), StorageError> {
        let ended = |it: &&Session| it.user_id == user && until.is_none_or(|until| it.expires_at <= until);
        let ids: Vec<SessionId> = self.0.sessions.values().filter(ended).map(|session| session.id).collect();
        ids.into_iter().try_for_each(|id| self.delete_session(id))
    }

    fn delete_expired_sessions(&mut self, until: Timestamp, max: usize) -> Result<usize, StorageError> {
        let sessions = self.0.sessions.values().filter(|session| session.expires_at <= until);
        let mut expired: Vec<_> = sessions.map(|session| (session.expires_at, session.id)).collect();
        expired.sort_unstable();
        let state = self.change();
        let of_session = |id| state.refresh_tokens.values().filter(move |token| token.session_id == id);
        let tokens = expired.iter().flat_map(|(_, id)| of_session(*id)).map(|token| token.hash.0);
        let tokens: Vec<_> = tokens.take(max).collect();
        for hash in &tokens {
            state.refresh_tokens.remove(hash);
        }
        // If the tokens were fewer, no expired session has one.
        expired.truncate(max - tokens.len());
        for (_, id) in &expired {
            state.sessions.remove(id);
        }
        Ok(tokens.len() + expired.len())
    }

    fn insert_refresh_token(&mut self, session: SessionId, hash: &SecretHash) -> Result<(), StorageError> {
        if !self.0.sessions.contains_key(&session) {
            return Err(missing("session"));
        }
        check_new(&self.0.refresh_tokens, &hash.0)?;
        let token = RefreshToken { hash: *hash, session_id: session, used_at: None };
        self.change().refresh_tokens.insert(hash.0, token);
        Ok(())
    }

    fn use_refresh_token(&mut self, hash: &SecretHash, at: Timestamp) -> Result<(), StorageError> {
        self.change().refresh_tokens.get_mut(&hash.0).ok_or_else(|| missing("refresh token"))?.used_at = Some(at);
        Ok(())
    }

    fn insert_api_key(&mut self, key: &ApiKey) -> Result<(), StorageError> {
        self.check_user(key.user_id)?;
        if let Some(account) = key.account_id {
            self.check_account(account)?;
        }
        check_new(&self.0.api_keys, &key.id)?;
        self.change().api_keys.insert(key.id, key.clone());
        Ok(())
    }

    fn touch_api_key(&mut self, id: ApiKeyId, at: Timestamp) -> Result<(), StorageError> {
        self.change().api_keys.entry(id).and_modify(|key| key.last_used_at = Some(at));
        Ok(())
    }

    fn delete_api_key(&mut self, id: ApiKeyId) -> Result<(), StorageError> {
        self.change().api_keys.remove(&id);
        Ok(())
    }

    fn delete_expired_api_keys(&mut self, until: Timestamp, max: usize) -> Result<usize, StorageError> {
        let keys = self.0.api_keys.values().filter_map(|key| Some((key.expires_at?, key.id)));
        let mut expired: Vec<_> = keys.filter(|(end, _)| *end <= until).collect();
        expired.sort_unstable();
        expired.truncate(max);
        let state = self.change();
        for (_, id) in &expired {
            state.api_keys.remove(id);
        }
        Ok(expired.len())
    }
}

impl ReadMembers for Draft {
    fn find_role(&mut self, account: AccountId, user: UserId) -> Result<Option<Role>, StorageError> {
        Ok(self.0.members.get(&(account, user)).map(|membership| membership.role))
    }

    fn find_member(&mut self, account: AccountId, user: UserId) -> Result<Option<Member>, StorageError> {
        Ok(self.list_members(account, None, usize::MAX)?.into_iter().find(|member| member.user_id == user))
    }

    fn list_members(
        &mut self,
        account: AccountId,
        after: Option<UserId>,
        max: usize,
    ) -> Result<Vec<Member>, StorageError> {
        let of_account = self.0.members.iter().filter(|((its, _), _)| *its == account);
        let members =
            of_account.filter_map(|(&(account_id, user_id), &Membership { role, is_pending, created_at })| {
                let username = self.0.users.get(&user_id)?.username.clone();
                Some(Member { account_id, user_id, username, role, is_pending, created_at })
            });
        Ok(page(members, |member| member.user_id, after.as_ref(), max))
    }

    fn count_owners(&mut self, account: AccountId) -> Result<u32, StorageError> {
        let of_account = self.0.members.iter().filter(|((its, _), _)| *its == account);
        let owners = of_account.filter(|(_, membership)| membership.role == Role::Owner && !membership.is_pending);
        Ok(u32::try_from(owners.count()).unwrap_or(u32::MAX))
    }

    fn list_accounts(
        &mut self,
        user: Option<UserId>,
        include_deleted: bool,
        after: Option<AccountId>,
        max: usize,
    ) -> Result<Page<Account, AccountId>, StorageError> {
        let is_theirs = |account: &&Account| user.is_none_or(|user| self.0.members.contains_key(&(account.id, user)));
        let is_wanted =
            |account: &&Account| account.deleted_at.is_none() || (include_deleted && account.erased_at.is_none());
        let accounts = self.0.accounts.values().filter(is_theirs).filter(is_wanted).cloned();
        Ok(bounded_page(accounts, |account| account.id, after, max))
    }

    fn search_accounts(
        &mut self,
        user: Option<UserId>,
        search: &AccountSearch,
        include_deleted: bool,
        after: Option<&AccountPosition>,
        max: usize,
    ) -> Result<Page<Account, AccountPosition>, StorageError> {
        let after_id = after.filter(|_| user.is_some()).map(|after| after.id);
        let all = self.list_accounts(user, include_deleted, after_id, usize::MAX)?.items;
        let mut items: Vec<Account> = all.into_iter().filter(|account| search.matches(account)).collect();
        if user.is_none() {
            items.retain(|account| after.is_none_or(|after| *after < account.position()));
            items.sort_by_cached_key(Account::position);
        }
        let has_more = items.len() > max;
        items.truncate(max);
        let next = if has_more { items.last().map(Account::position).or_else(|| after.cloned()) } else { None };
        Ok(Page { items, next })
    }
}

impl Members for Draft {
    fn put_member(&mut self, account: AccountId, user: UserId, role: Role, now: Timestamp) -> Result<(), StorageError> {
        self.write_member(account, user, Membership { role, is_pending: false, created_at: now })
    }

    fn put_pending_owner(&mut self, account: AccountId, user: UserId, now: Timestamp) -> Result<(), StorageError> {
        self.write_member(account, user, Membership { role: Role::Owner, is_pending: true, created_at: now })
    }

    fn delete_member(&mut self, account: AccountId, user: UserId) -> Result<(), StorageError> {
        self.change().members.remove(&(account, user));
        Ok(())
    }
}

impl ReadAudit for Draft {
    fn list_audit(
        &mut self,
        account: AccountId,
        after: Option<AuditEntryId>,
        max: usize,
    ) -> Result<Vec<AuditEntry>, StorageError> {
        let entries = self.0.audit.iter().filter(|entry| entry.account_id == Some(account)).cloned();
        Ok(page(entries, |entry| entry.id, after.as_ref(), max))
    }
}

impl Audit for Draft {
    fn append_audit(&mut self, entry: &AuditEntry) -> Result<(), StorageError> {
        if let Some(account) = entry.account_id {
            self.check_account(account)?;
        }
        if self.0.audit.iter().any(|known| known.id == entry.id) {
            return Err(StorageError::Backend("the id is taken".to_owned()));
        }
        self.change().audit.push(entry.clone());
        Ok(())
    }
}
