"""An anonymous row tells no more than what many files share, and is counted where it is kept."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from egide.kernel.retention.archiving import hide

K = 11


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ([(("mars F", "2024"), 11)], {"mars F": 11}),
        ([(("mars F", "2024"), 10)], {}),  # one too few, at every level: no row at all
        ([(("mars F", "2024"), 10), (("mai F", "2024"), 1)], {"2024": 11}),
        ([(("mars F", "2024"), 10), (("mai F", "2025"), 1)], {}),
        # Those whom the first level hides are not counted again to hide the others.
        ([(("mars F", "2024"), 12), (("mai F", "2024"), 10)], {"mars F": 12}),
        ([], {}),
    ],
)
def test_a_file_is_told_at_the_finest_level_that_enough_share(files, told):
    assert hide(files, k=K) == told


GROUPS = st.lists(
    st.tuples(
        st.tuples(*[st.sampled_from("abc")] * 3).map(
            lambda parts: ("0" + "".join(parts), "1" + "".join(parts[:2]), "2" + parts[0])
        ),
        st.integers(1, 15),
    ),
    max_size=20,
)


@given(GROUPS, st.integers(2, 12))
def test_no_telling_is_shared_by_fewer_than_k_and_nobody_is_told_twice(files, k):
    told = hide(files, k=k)
    assert all(count >= k for count in told.values())
    assert told.total() <= sum(count for _, count in files)
    # A file is left out only when its coarsest telling, too, is shared by fewer than k.
    out = Counter[str]()
    for telling, count in files:
        out[telling[-1]] += count
    if told.total() < sum(out.values()):
        assert sum(out.values()) - told.total() <= len(out) * (k - 1)
