"""The home on AWS: DynamoDB, S3, SQS, MediaConvert and Cognito; Lambda functions use it."""

from sluice.adapters.aws.clients import Clients
from sluice.adapters.aws.cognito import CognitoPeople
from sluice.adapters.aws.dynamo import DynamoVideos
from sluice.adapters.aws.ledger import DynamoLedger
from sluice.adapters.aws.mediaconvert import MediaConvertEncoder
from sluice.adapters.aws.rates import DynamoRates
from sluice.adapters.aws.replies import DynamoReplies
from sluice.adapters.aws.s3 import S3Objects
from sluice.adapters.aws.sqs import SqsQueue
from sluice.adapters.aws.table import Table
from sluice.adapters.links import SignedLinks
from sluice.adapters.presigned_post import FormSigner
from sluice.ladder import Source
from sluice.ports import App, Probe
from sluice.settings import BadSettings, Cloud, Settings, cognito_pool

from . import Strangers, new_ulid, utc_now

# Lambda kills a function when its time is over. In this one S3 gives more than the largest upload, and an hour of film
# is listed whose pictures and sound lie far apart; what takes longer is believed what it declares.
LISTING_S = 180.0


def aws_home(settings: Settings, cloud: Cloud) -> App:
    """Everything on AWS; nothing is asked before it is needed."""
    clients = Clients()
    table = Table(clients, cloud.table)
    forms = FormSigner(cloud.raw_bucket, lambda: clients("s3"), now=utc_now)
    media = S3Objects(clients, cloud.media_bucket)
    lanes = {"sources": cloud.sources_queue, "encodes": cloud.encodes_queue, "tasks": cloud.tasks_queue}
    pool = cognito_pool(settings.issuer)
    return App(
        settings=settings,
        videos=DynamoVideos(table, utc_now),
        sources=S3Objects(clients, cloud.raw_bucket, forms=forms),
        media=media,
        queue=SqsQueue(clients, lanes),
        encoder=_encoder(clients, table, media, cloud),
        probe=_probe(settings),
        links=SignedLinks(cloud.links_key.encode(), utc_now, open_ones_too=True) if cloud.links_key else _NoLinks(),
        people=CognitoPeople(clients, pool.id) if pool else Strangers(),
        replies=DynamoReplies(table),
        ledger=DynamoLedger(table),
        rates=DynamoRates(table),
        now=utc_now,
        new_id=new_ulid,
    )


def _encoder(clients: Clients, table: Table, media: S3Objects, cloud: Cloud) -> MediaConvertEncoder:
    return MediaConvertEncoder(
        clients,
        table,
        role=cloud.encoder_role,
        queue=cloud.encoder_queue,
        sources_bucket=cloud.raw_bucket,
        media_bucket=cloud.media_bucket,
        media=media,
        now=utc_now,
    )


def _probe(settings: Settings) -> Probe:
    def probe(location: str) -> Source:
        # One function looks into files; the others start without what it takes.
        from sluice.adapters.ffprobe import Ffprobe

        return Ffprobe(settings, listing_wall_s=LISTING_S)(location)

    return probe


class _NoLinks:
    """What functions have that give out no media addresses, and no key for them."""

    def media_base(self, video_id: str, *, open: bool) -> str:  # noqa: A002
        raise BadSettings(["SLUICE_LINKS_KEY is missing; terraform apply sets it for the API"])
