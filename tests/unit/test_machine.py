"""How much of the machine this process may use."""

import os

import pytest

from sluice import machine

GIB = 1 << 30


@pytest.fixture
def groups(tmp_path, monkeypatch):
    """The files that tell of groups, empty at first, on a machine of 8 cores."""
    monkeypatch.setattr(machine, "_OWN", tmp_path / "own")
    monkeypatch.setattr(machine, "_MOUNTED", tmp_path)
    monkeypatch.setattr("os.sched_getaffinity", lambda _: set(range(8)), raising=False)

    def tell(name, text):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)

    return tell


@pytest.fixture
def service(groups):
    """The same, in the group of a service."""
    groups("own", "0::/system.slice/sluice.service\n")
    return groups


def test_cores_that_it_was_not_given_do_not_count(groups, monkeypatch):
    monkeypatch.setattr("os.sched_getaffinity", lambda _: {3, 5})
    monkeypatch.setattr("os.cpu_count", lambda: 64)
    assert (machine.cores(), machine.busy_cores()) == (2, 2)


@pytest.mark.parametrize(("counted", "cores"), [(6, 6), (None, 1)])
def test_where_none_are_given_all_of_them_count(groups, monkeypatch, counted, cores):
    monkeypatch.delattr("os.sched_getaffinity")
    monkeypatch.setattr("os.cpu_count", lambda: counted)
    assert machine.cores() == cores


@pytest.mark.parametrize(
    ("quota", "cores"),
    [("200000 100000", 2), ("150000 100000", 2), ("1000 100000", 1), ("9900000 100000", 8), ("max 100000", 8), ("", 8)],
)
def test_a_quota_is_as_many_cores_as_it_can_keep_busy(groups, quota, cores):
    groups("cpu.max", f"{quota}\n")
    assert (machine.busy_cores(), machine.cores()) == (cores, 8)


def test_the_quota_of_a_service_counts(service):
    service("system.slice/sluice.service/cpu.max", "300000 100000\n")
    assert machine.busy_cores() == 3


@pytest.mark.parametrize("name", ["memory.max", "memory/memory.limit_in_bytes"])
def test_the_memory_of_a_container_is_what_it_may_have(groups, name):
    groups(name, f"{GIB}\n")
    assert machine.memory_bytes() == GIB


@pytest.mark.parametrize("folder", ["system.slice/sluice.service", "system.slice", "."])
def test_the_limits_of_a_service_and_of_what_it_is_in_hold(service, folder):
    service("system.slice/sluice.service/memory.max", "max\n")
    service(f"{folder}/memory.max", f"{GIB}\n")
    assert machine.memory_bytes() == GIB


def test_the_smallest_limit_holds(service):
    service("system.slice/sluice.service/memory.max", f"{2 * GIB}\n")
    service("system.slice/memory.max", f"{GIB}\n")
    assert machine.memory_bytes() == GIB


def test_the_limit_of_another_service_does_not_count(service):
    service("system.slice/other.service/memory.max", "1\n")
    assert machine.memory_bytes() > GIB // 4


def test_a_group_of_the_first_version_is_found_by_its_controller(groups):
    groups("own", "5:cpu,cpuacct:/elsewhere\n4:memory:/sluice\n0::/\n")
    groups("memory/sluice/memory.limit_in_bytes", f"{GIB}\n")
    assert machine.memory_bytes() == GIB


def test_a_container_that_is_told_of_groups_beyond_its_own_has_the_limit_that_it_sees(groups):
    groups("own", "4:memory:/docker/abc\n0::/../../other\n")
    groups("memory/memory.limit_in_bytes", f"{GIB}\n")
    assert machine.memory_bytes() == GIB


@pytest.mark.parametrize("text", ["max\n", f"{1 << 62}\n", None])
def test_without_a_limit_there_is_the_machines_memory(groups, text):
    if text:
        groups("memory.max", text)
    assert machine.memory_bytes() == os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
