"""What a listing becomes: versions with SnapStart, the numbers of the others, and nothing that is secret."""

from datetime import UTC, datetime, timedelta

import pytest

from fakes.aws.account import SECRET_VALUE
from orchestrator.aws.discovery import list_function, list_versions
from orchestrator.aws.errors import CallFailed, CredentialsError


def one_page(lambda_, **given):
    (page,) = list_versions(lambda_, **given)
    return page


def only_version(lambda_):
    (version,) = one_page(lambda_).versions
    return version


def test_a_version_carries_what_the_listing_shows(cloud, lambda_):
    published = datetime(2026, 9, 1, 10, 30, tzinfo=UTC)
    cloud.function("orders", memory_mb=1536, architecture="arm64").publish(last_modified=published)

    version = only_version(lambda_)

    assert version.label == "orders:1"
    assert version.arn == "arn:aws:lambda:us-west-2:111122223333:function:orders:1"
    assert (version.runtime, version.architecture, version.memory_mb) == ("python3.12", "arm64", 1536)
    assert (version.package_type, version.optimization_status, version.durable) == ("Zip", "On", False)
    assert version.last_modified == published


def test_latest_and_its_like_are_not_published(cloud, lambda_):
    cloud.function("orders").publish(2)
    cloud.function("managed").publish(1, overrides={"Version": "$LATEST.PUBLISHED"})

    page = one_page(lambda_)

    assert [version.label for version in page.versions] == ["orders:1", "orders:2"]
    assert page.listed == 2


def test_versions_without_snapstart_are_kept_by_number(cloud, lambda_):
    orders = cloud.function("orders").publish(2, snap_start=False).publish(1)
    orders.publish(1, overrides={"SnapStart": None})

    page = one_page(lambda_)

    assert [version.number for version in page.versions] == [3]
    assert page.others == (("orders", 1), ("orders", 2), ("orders", 4))
    assert page.listed == 4


def test_a_function_that_gave_snapstart_up_still_shows_the_versions_that_pay(cloud, lambda_):
    orders = cloud.function("orders", snap_start=False).publish(1, snap_start=True)

    assert orders.build.snap_start is False
    assert only_version(lambda_).number == 1


@pytest.mark.parametrize("text", ["", "soon", "2026-13-45T00:00:00.000+0000", "2026-09-01T10:30:00"])
def test_a_last_modified_that_is_no_moment_is_unknown(cloud, lambda_, text):
    cloud.function("orders").publish(last_modified=text or "never")

    assert only_version(lambda_).last_modified is None


def test_a_container_image_has_no_runtime(cloud, lambda_):
    cloud.function("orders", package_type="Image").publish(1)

    version = only_version(lambda_)

    assert (version.runtime, version.package_type) == (None, "Image")


def test_a_version_that_may_run_durable_executions_says_so(cloud, lambda_):
    cloud.function("orders", durable=True).publish(1)

    assert only_version(lambda_).durable


def test_missing_members_fall_back_to_what_aws_means_by_their_absence(cloud, lambda_):
    cloud.function("orders").publish(1, overrides={"Architectures": None, "PackageType": None, "LastModified": None})

    version = only_version(lambda_)

    assert (version.architecture, version.package_type, version.last_modified) == ("x86_64", "Zip", None)


def test_pages_stream_and_a_marker_resumes_where_the_last_one_ended(cloud, lambda_):
    cloud.function("orders").publish(120)
    pages = list_versions(lambda_)
    first = next(pages)
    assert cloud.calls["ListFunctions"] == 1

    rest = list(list_versions(lambda_, marker=first.next_marker))

    numbers = [version.number for page in (first, *rest) for version in page.versions]
    assert numbers == list(range(1, 121))
    assert [page.next_marker is None for page in rest] == [False, True]


def test_a_prefix_leaves_other_functions_out(cloud, lambda_):
    cloud.function("shop-orders").publish(2)
    cloud.function("shop-mail", snap_start=False).publish(1)
    cloud.function("billing").publish(3)

    page = one_page(lambda_, prefix="shop-")

    assert [version.label for version in page.versions] == ["shop-orders:1", "shop-orders:2"]
    assert page.others == (("shop-mail", 1),)
    assert page.listed == 3


def test_a_region_without_functions_is_one_empty_page(lambda_):
    page = one_page(lambda_)

    assert (page.versions, page.others, page.listed, page.next_marker) == ((), (), 0, None)


def test_environment_variables_stay_behind(cloud, lambda_):
    cloud.function("orders").publish(1).publish(1, snap_start=False)

    assert SECRET_VALUE not in repr(one_page(lambda_))
    assert SECRET_VALUE not in repr(list_function(lambda_, "orders"))


def test_a_listing_that_is_denied_says_which_permission_is_missing(cloud, lambda_):
    cloud.faults.deny("ListFunctions")

    with pytest.raises(CallFailed, match=r"^lambda:ListFunctions AccessDeniedException, .*not authorized") as raised:
        list(list_versions(lambda_))

    assert raised.value.denied
    assert raised.value.action == "lambda:ListFunctions"


def test_a_listing_that_breaks_off_is_no_listing(cloud, lambda_):
    cloud.function("orders").publish(120)
    cloud.faults.throttle("ListFunctions", nth=2)
    pages = list_versions(lambda_)
    next(pages)

    with pytest.raises(CallFailed, match="lambda:ListFunctions TooManyRequestsException, Rate exceeded"):
        next(pages)


def test_expired_credentials_are_named_as_such(cloud, lambda_):
    cloud.faults.refuse(
        "*", "ExpiredTokenException", "The security token included in the request is expired", status=403
    )

    with pytest.raises(CredentialsError):
        list(list_versions(lambda_))
    with pytest.raises(CredentialsError):
        list_function(lambda_, "orders")


def test_one_function_is_listed_over_all_its_pages(cloud, lambda_):
    cloud.function("orders").publish(70, age_days=1, apart=timedelta(hours=1)).publish(2, snap_start=False)
    cloud.function("billing").publish(1)

    versions, others = list_function(lambda_, "orders")

    assert [version.number for version in versions] == list(range(1, 71))
    assert others == (71, 72)
    assert cloud.calls["ListVersionsByFunction"] == 2


def test_a_function_that_is_gone_is_none(lambda_):
    assert list_function(lambda_, "orders") is None


def test_one_functions_listing_that_fails_is_not_taken_for_gone(cloud, lambda_):
    cloud.function("orders").publish(1)
    cloud.faults.throttle("ListVersionsByFunction")

    with pytest.raises(CallFailed, match="lambda:ListVersionsByFunction TooManyRequestsException, Rate exceeded"):
        list_function(lambda_, "orders")


def test_a_version_carries_what_a_person_recognises_it_by(cloud, lambda_):
    cloud.function("orders").publish(1, overrides={"Description": "build 1.42", "CodeSha256": "q83v="})
    cloud.function("billing").publish(1, overrides={"Description": None, "CodeSha256": None})

    (billing,), _ = list_function(lambda_, "billing")
    (orders,), _ = list_function(lambda_, "orders")

    assert (orders.description, orders.code_sha256) == ("build 1.42", "q83v=")
    assert (billing.description, billing.code_sha256) == ("", "")
