"""The trees are those of RFC 6962: its known vectors, and a naive reading of its definition."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from egide.kernel.audit import merkle

# The entries and roots that implementations of RFC 6962 test themselves with.
ENTRIES = [
    bytes.fromhex(text)
    for text in (
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]  # fmt: skip
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def naive(entries):
    """Write the definition of 2.1 as it stands."""
    if not entries:
        return hashlib.sha256(b"").digest()
    if len(entries) == 1:
        return hashlib.sha256(b"\x00" + entries[0]).digest()
    cut = 1
    while cut * 2 < len(entries):
        cut *= 2
    return hashlib.sha256(b"\x01" + naive(entries[:cut]) + naive(entries[cut:])).digest()


def hashes(entries):
    return [merkle.leaf_hash(entry) for entry in entries]


@pytest.mark.parametrize("size", range(9))
def test_the_known_roots_are_found(size):
    assert merkle.root(hashes(ENTRIES[:size])).hex() == ROOTS[size]


@given(st.lists(st.binary(max_size=8), max_size=70))
def test_the_root_is_that_of_the_definition(entries):
    assert merkle.root(hashes(entries)) == naive(entries)


def test_a_node_never_passes_for_a_leaf():
    left, right = hashes(ENTRIES[:2])
    assert merkle.leaf_hash(left + right) != merkle.root([left, right])


@pytest.mark.parametrize("size", [*range(1, 20), 64, 65])
def test_each_leaf_is_proven_at_its_place_and_at_no_other(size):
    leaves = hashes(bytes([n]) for n in range(size))
    root = merkle.root(leaves)
    for index in range(size):
        proof = merkle.inclusion_proof(index, leaves=leaves)

        def proven(index=index, leaf=leaves[index], proof=proof, root=root):
            return merkle.includes(root, size=size, index=index, leaf=leaf, proof=proof)

        assert proven()
        assert not any(proven(index=other) for other in range(-1, size + 1) if other != index)
        assert not proven(leaf=merkle.leaf_hash(b"another"))
        assert not proven(root=merkle.EMPTY)
        assert not proven(proof=[*proof, root])
        if proof:
            assert not proven(proof=proof[:-1])
            assert not proven(proof=[merkle.EMPTY, *proof[1:]])


@pytest.mark.parametrize("second", [*range(1, 20), 33])
def test_a_tree_proves_how_it_began_and_no_other_beginning(second):
    leaves = hashes(bytes([n]) for n in range(second))
    new = merkle.root(leaves)
    for first in range(1, second + 1):
        old = merkle.root(leaves[:first])
        proof = merkle.consistency_proof(first, leaves=leaves)

        def proven(old=old, new=new, first=first, proof=proof):
            return merkle.consistent((old, new), first=first, second=second, proof=proof)

        assert proven()
        assert not proven(old=merkle.EMPTY)
        assert not proven(new=merkle.EMPTY)
        assert not proven(proof=[*proof, merkle.EMPTY])
        assert not proven(first=0)
        assert not proven(first=second + 1)
        if proof:
            assert not proven(proof=proof[:-1])


def test_a_proof_beyond_the_tree_is_refused():
    leaves = hashes(ENTRIES)
    for index in (-1, len(leaves)):
        with pytest.raises(IndexError):
            merkle.inclusion_proof(index, leaves=leaves)
    for first in (0, len(leaves) + 1):
        with pytest.raises(IndexError):
            merkle.consistency_proof(first, leaves=leaves)
