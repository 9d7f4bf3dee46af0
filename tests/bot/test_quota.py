"""How many poems a person and a server may have."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.app import quota_of, warn_of_a_file_for_many
from bot.errors import CoolDown, ServerCoolDown, StoreError
from bot.service.quota import Allowance, OwnBuckets, Quota, SharedBuckets
from bot.settings import Settings
from bot.store import Store


class Time:
    now = 0.0

    def __call__(self) -> float:
        return self.now


async def test_it_comes_back_with_time_and_what_is_refused_is_not_spent():
    time = Time()
    quota = Quota(Allowance(2, 60), Allowance(3, 60), OwnBuckets(time), OwnBuckets(time))
    await quota.spend(1, 9, 2)
    with pytest.raises(CoolDown) as refusal:
        await quota.spend(1, 9, 1)
    assert refusal.value.details == {"seconds": 1}
    await quota.spend(2, 9, 1)  # the server's third, which the refusal left there
    with pytest.raises(ServerCoolDown):
        await quota.spend(3, 9, 1)
    await quota.spend(3, 8, 2)
    time.now = 2.0
    await quota.spend(1, 9, 2)
    for _ in range(100):
        await quota.spend(0, None, 100)  # the console


@given(now=st.floats(0, 1e7), burst=st.integers(1, 200), per_minute=st.floats(0.1, 200))
async def test_a_full_bucket_gives_all_it_holds_at_any_time(now, burst, per_minute):
    """Though the sum of a clock's time and a bucket's is rounded."""
    time = Time()
    time.now = now
    assert await OwnBuckets(time).draw(7, burst, Allowance(burst, per_minute)) == 0


async def test_two_processes_share_a_persons_and_not_a_servers(store: Store):
    slow = Allowance(2, 1)  # nothing to speak of comes back while the test runs
    here, there = (Quota(slow, slow, SharedBuckets(store)) for _ in range(2))
    await here.spend(1, 7, 1)
    await there.spend(1, 8, 1)
    for quota, guild in ((here, 7), (there, 8), (there, None)):
        with pytest.raises(CoolDown):
            await quota.spend(1, guild, 1)
    await there.spend(2, 8, 1)
    with pytest.raises(ServerCoolDown):
        await there.spend(3, 8, 1)


async def test_where_the_store_fails_the_server_keeps_its_share(store: Store):
    quota = Quota(Allowance(2, 1), Allowance(2, 1), SharedBuckets(store))
    await store.close()
    for path in store._database.file.parent.glob("lanting.db*"):
        path.write_text("no database any more")
    with pytest.raises(StoreError):
        await quota.spend(1, 7, 2)
    assert await quota.servers.draw(7, 2, quota.server) == 0


@pytest.mark.parametrize(
    ("shards", "people", "warned"),
    [({}, OwnBuckets, False), ({"shard_ids": "0-1"}, OwnBuckets, False), ({"shard_ids": "1"}, SharedBuckets, True)],
    ids=["alone", "all listed", "a part"],
)
def test_a_part_of_a_bot_shares_and_is_warned_of_a_file(shards, people, warned, store: Store, caplog):
    settings = Settings(_env_file=None, shard_count=2, **shards)
    assert type(quota_of(settings, store).people) is people
    warn_of_a_file_for_many(settings)
    assert ("set DATABASE_URL to a PostgreSQL database" in caplog.text) is warned
    caplog.clear()
    warn_of_a_file_for_many(settings.model_copy(update={"database_url": "postgresql://host/lanting"}))
    assert caplog.text == ""
