"""Summaries as durable runs: parts, then the summary of the parts, or the job of another service.

Promises: a run that a process lost goes on with what is not done yet: parts that were summarised are not
asked for again, and another service's job is polled on, not begun twice; what a person wrote is never
replaced; a summary says by whom and of how many messages it was made. Without a model's key it is made
of the conversation's own sentences. Each call of a model needs what is left of the key's day. A file of a conversation is summarised in the same way, but not by
another service. Leaves to others: the prompt and the default model (the registry).
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal

from loguru import logger
from pydantic import TypeAdapter

from use_cases.conversations.errors import (
    AttachmentNotFound,
    ConversationNotFound,
    SummariserRefused,
    SummaryInvalid,
    SummaryNotFound,
)
from use_cases.conversations.extractive import BUILT_IN, FENCE_RULE, PURPOSE, extract
from use_cases.conversations.message_tree import shown_text
from use_cases.conversations.model import (
    Attachment,
    ConversationSummary,
    FileSummary,
    Spoken,
    Submission,
    SummaryMethod,
    SummaryOrder,
    SummaryRun,
)
from use_cases.conversations.ports import Attachments, Conversations, Summaries, Summariser
from use_cases.kernel.errors import (
    InvalidInput,
    ModelMisbehaved,
    RateLimited,
    UpstreamFailed,
    UpstreamTimeout,
)
from use_cases.kernel.identity.admission import KeyAccount
from use_cases.kernel.jobs.manage_jobs import ManageJobs, Shift
from use_cases.kernel.jobs.model import Finished, JobNotFound, JobState, NewItem, WorkItem, as_json
from use_cases.kernel.jobs.work import JobRunner
from use_cases.kernel.model import Caller
from use_cases.kernel.ports import Clock, Entropy, Models, ResolvedModel
from use_cases.kernel.prompts.content import PromptMessage, Role, RunPrompt
from use_cases.kernel.prompts.prompt_registry import ActivePrompts
from use_cases.kernel.runs.completion import complete
from use_cases.kernel.runs.model_calls import Attempts, Pause, resolved_model
from use_cases.kernel.text.plain_text import without_unstorable
from use_cases.kernel.text.prompt_injection import Material, fenced

PART_CHARACTERS = 12_000
"""About 3,000 tokens, so that every model has room for a part."""
POLL_SECONDS = 5.0
LONGEST_WAIT = timedelta(minutes=100)
LONGEST_SUMMARY = 20_000
_LONGEST_PARTIAL = 3_500
_AT_ONCE = 4
_RETRIES = 3
_CALL_SECONDS = 120.0
_WHOLE = "whole"
_OFFLINE = "offline:"
_OPEN = (JobState.PENDING, JobState.QUEUED, JobState.RUNNING)


_ORDER: TypeAdapter[SummaryOrder] = TypeAdapter(SummaryOrder)
_TEXT: TypeAdapter[str] = TypeAdapter(str)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Task:
    """The plan of a run: its texts, its person, its prompt and model."""

    owner: Caller
    run_id: str
    order: SummaryOrder
    said: Sequence[Spoken]
    parts: Sequence[str]
    prompt: RunPrompt
    resolved: ResolvedModel | None


class SummariseConversations(ManageJobs[SummaryOrder]):
    """Makes, shows and edits the summaries of the caller's conversations and their files."""

    kind = "summary"
    prefix = "sum"
    invalid = InvalidInput

    def __init__(
        self,
        *,
        job_runner: JobRunner,
        conversations: Conversations,
        attachments: Attachments,
        summaries: Summaries,
        summariser: Summariser | None,
        models: Models,
        prompt_registry: ActivePrompts,
        key_account: KeyAccount,
        entropy: Entropy,
        clock: Clock,
        pause: Pause = asyncio.sleep,
    ) -> None:
        super().__init__(job_runner, _ORDER)
        self._conversations = conversations
        self._attachments = attachments
        self._summaries = summaries
        self._summariser = summariser
        self._models = models
        self._registry = prompt_registry
        self._account = key_account
        self._entropy = entropy
        self._clock = clock
        self._pause = pause

    async def create(
        self, caller: Caller, chat_id: str, *, model: str | None = None, queued: bool = False
    ) -> SummaryRun:
        """Begins a summary of the shown branch, or returns the run that makes one already or was
        interrupted.

        `model` None: the other service where one is set, else the purpose's default model. Raises
        `ConversationNotFound`, `SummaryInvalid` for a conversation without text, `BudgetSpent`, and what
        `Models.resolve` raises.
        """
        summary = await self._summaries.summary(caller, chat_id)
        running = None if summary is None else await self._newest(caller, summary.run_id)
        if running is not None and running.state in _OPEN:
            return await self._queued(caller, running) if queued else running
        tree = await self._conversations.tree(caller, chat_id)
        leaf_id = tree.conversation.leaf_id
        if leaf_id is None or not await self._said(caller, chat_id, leaf_id):
            raise SummaryInvalid(
                "The conversation has no text.", hint="Write or import some first."
            )
        external = self._summariser is not None and model is None
        method, name = (
            (SummaryMethod.EXTERNAL, "") if external else await self._method(caller, model)
        )
        order = SummaryOrder(
            chat_id=chat_id, leaf_id=leaf_id, method=method, model=name, key_id=caller.key_id
        )
        if running is not None and _is_left(running, order):
            return await self.reopen(caller, running.job_id, queued=queued)
        owner, title = tree.conversation.user_id, tree.conversation.title
        run = await self._begin(owner, title, order, queued=queued)
        await self._summaries.begin(caller, chat_id, run.job_id)
        return run

    async def require(self, caller: Caller) -> None:
        """Raises now what `create` would raise for every conversation: `BudgetSpent`, and the models'
        errors.
        """
        if self._summariser is None:
            await self._method(caller, None)

    async def create_for_file(
        self, caller: Caller, file_id: str, *, model: str | None = None, queued: bool = False
    ) -> SummaryRun:
        """Begins a summary of a file's text, or returns the run that makes one already or was
        interrupted.

        `model` None: the purpose's default model. Raises `AttachmentNotFound`, `SummaryInvalid` for a
        file without text, `BudgetSpent`, and what `Models.resolve` raises.
        """
        file, running = await self.file(caller, file_id)
        if running is not None and running.state in _OPEN:
            return await self._queued(caller, running) if queued else running
        if not (await self._attachments.text(file_id) or "").strip():
            raise SummaryInvalid(
                f"The file {file.name!r} has no text.",
                hint=file.text_note or "Text is read from PDF and text files.",
            )
        method, name = await self._method(caller, model)
        order = SummaryOrder(
            chat_id=file.chat_id, method=method, model=name, key_id=caller.key_id, file_id=file_id
        )
        if running is not None and _is_left(running, order):
            return await self.reopen(caller, running.job_id, queued=queued)
        run = await self._begin(file.user_id, file.name, order, queued=queued)
        await self._attachments.begin_summary(file_id, run.job_id)
        return run

    async def run(self, caller: Caller, run_id: str, *, queued: bool = False) -> SummaryRun:
        """Works a run off, to its end; also one that another process began.

        A run whose conversation or file is gone is cancelled. Raises `BudgetSpent` where the key of the
        run has used up its day, `JobNotFound`, `JobOver`, and the errors of storage.
        """
        try:
            done = await super().run(caller, run_id, queued=queued)
        except (ConversationNotFound, AttachmentNotFound):
            return await self.cancel(caller, run_id)
        return await self._with_reason(done)

    async def _shift(self, caller: Caller, job: SummaryRun) -> Shift:
        """Raises `ConversationNotFound`, `AttachmentNotFound`."""
        order = job.spec
        owner = Caller(job.user_id, key_id=order.key_id)
        said = await self._read_said(owner, order)
        active = await self._registry.active(PURPOSE, PURPOSE)
        by_model = order.method is SummaryMethod.MODEL
        task = _Task(
            owner=owner,
            run_id=job.job_id,
            order=order,
            said=said,
            parts=parts_of(said) if by_model else (),
            prompt=active.prompt or BUILT_IN,
            resolved=await self._resolved(order.model, trusted=True) if by_model else None,
        )
        parts = [NewItem(place=place, key=f"part:{place}") for place in range(len(task.parts))]
        whole = [NewItem(place=len(parts), key=_WHOLE)]

        async def work(item: WorkItem) -> Finished:
            return await (self._whole(task) if item.key == _WHOLE else self._part(task, item))

        async def then() -> Sequence[NewItem]:
            return whole

        in_parts = len(parts) > 1
        return Shift(
            items=parts if in_parts else whole,
            work=work,
            at_once=_AT_ONCE,
            then=then if in_parts else None,
        )

    async def summary(
        self, caller: Caller, chat_id: str
    ) -> tuple[ConversationSummary, SummaryRun | None]:
        """Returns a conversation's summary, and the newest run. Raises `ConversationNotFound`,
        `SummaryNotFound`.

        The summary is read after its run, too: where the run is completed, it is the one that was made.
        """
        run = await self._newest(caller, (await self._summary(caller, chat_id)).run_id)
        return await self._summary(caller, chat_id), run

    async def file(self, caller: Caller, file_id: str) -> tuple[Attachment, SummaryRun | None]:
        """Returns a file with its summary, and the newest run, as `summary` does. Raises
        `AttachmentNotFound`.
        """
        before = await self._attachments.attachment(caller, file_id)
        run = await self._newest(caller, before.summary_run_id)
        return await self._attachments.attachment(caller, file_id), run

    async def edit(self, caller: Caller, chat_id: str, text: str) -> ConversationSummary:
        """Stores a person's text, which no run replaces. Raises `ConversationNotFound`,
        `SummaryInvalid`.
        """
        kept = without_unstorable(text).strip()
        if not 1 <= len(kept) <= LONGEST_SUMMARY:
            raise SummaryInvalid(
                f"A summary has 1 to {LONGEST_SUMMARY:,} characters.", hint="Send `summary`."
            )
        return await self._summaries.edit(caller, chat_id, kept, self._clock.now())

    async def _summary(self, caller: Caller, chat_id: str) -> ConversationSummary:
        found = await self._summaries.summary(caller, chat_id)
        if found is None:
            raise SummaryNotFound("The conversation has no summary.")
        return found

    async def _newest(self, caller: Caller, run_id: str | None) -> SummaryRun | None:
        if run_id is None:
            return None
        try:
            return await self._with_reason(await self.show(caller, run_id))
        except JobNotFound:
            return None

    async def _queued(self, caller: Caller, run: SummaryRun) -> SummaryRun:
        """Returns the run, which a server works on if nobody has begun it."""
        if run.state is not JobState.PENDING:
            return run
        return await self.reopen(caller, run.job_id, queued=True)

    async def _with_reason(self, run: SummaryRun) -> SummaryRun:
        """Returns the run with the error of the last item that failed, where it has none of its own."""
        if run.reason:
            return run
        results = await self._jobs.results(run.job_id, bodies=False)
        return replace(
            run, reason=next((each.error for each in reversed(results) if each.error), "")
        )

    async def _method(self, caller: Caller, model: str | None) -> tuple[SummaryMethod, str]:
        """Returns the method of a model, and its name. Raises `BudgetSpent`, and what `Models.resolve`
        raises.
        """
        resolved = await self._resolved(model)
        await self._account.require_budget(caller)
        offline = resolved.name.startswith(_OFFLINE)
        return SummaryMethod.EXTRACTIVE if offline else SummaryMethod.MODEL, resolved.name

    async def _read_said(self, owner: Caller, order: SummaryOrder) -> Sequence[Spoken]:
        """Returns the texts of a run. Raises `ConversationNotFound`, `AttachmentNotFound`."""
        if order.file_id is None:
            return await self._said(owner, order.chat_id, order.leaf_id)
        await self._attachments.attachment(owner, order.file_id)
        return [Spoken("", await self._attachments.text(order.file_id) or "")]

    async def _said(self, caller: Caller, chat_id: str, leaf_id: str) -> Sequence[Spoken]:
        """Returns the shown texts of people, models and tools up to that message. Raises
        `ConversationNotFound`.
        """
        tree = await self._conversations.tree(caller, chat_id)
        named = {each.message.message_id: each.message for each in tree.messages}
        said, at = list[Spoken](), named.get(leaf_id)
        while at is not None:
            text = shown_text(at.parts).strip()
            if text and at.is_said:
                said.append(Spoken(at.role.value, text))
            del named[at.message_id]  # a damaged tree ends, too
            at = None if at.parent_id is None else named.get(at.parent_id)
        return said[::-1]

    async def _resolved(self, model: str | None, *, trusted: bool = False) -> ResolvedModel:
        active = await self._registry.active(PURPOSE, PURPOSE)
        return resolved_model(self._models, model, active.model, trusted=trusted)

    async def _part(self, task: _Task, item: WorkItem) -> Finished:
        """Summarises a part."""
        text, cost = await self._complete(task, "part", task.parts[item.place])
        return Finished(body=as_json(_TEXT, text), cost=cost)

    async def _whole(self, task: _Task) -> Finished:
        """Makes the summary, and stores it."""
        cost = Decimal(0)
        match task.order.method:
            case SummaryMethod.MODEL:
                text, cost = await self._reduced(task)
            case SummaryMethod.EXTRACTIVE:
                text = await asyncio.to_thread(extract, task.said)
            case SummaryMethod.EXTERNAL:
                text = await self._external(task)
        await self._keep(task, text)
        return Finished(body=as_json(_TEXT, text), cost=cost)

    async def _keep(self, task: _Task, text: str) -> None:
        order, now = task.order, self._clock.now()
        if order.file_id is not None:
            model = order.model if order.method is SummaryMethod.MODEL else ""
            of_file = FileSummary(text=text, made_at=now, model=model)
            await self._attachments.keep_summary(order.file_id, of_file)
            return
        made = ConversationSummary(
            chat_id=order.chat_id,
            run_id=task.run_id,
            text=text,
            method=order.method,
            model=order.model,
            messages=len(task.said),
            made_at=now,
        )
        await self._summaries.keep(made)

    async def _reduced(self, task: _Task) -> tuple[str, Decimal]:
        """Returns the summary of the parts' summaries, level by level where they are many."""
        texts, cost = task.parts, Decimal(0)
        if len(texts) > 1:
            found = await self._jobs.results(task.run_id, limit=len(texts))
            if failed := next((each.error for each in found if each.error), None):
                raise ModelMisbehaved(f"A part could not be summarised: {failed}")
            texts = _joined([_TEXT.validate_json(each.body) for each in found])
        while True:
            whole = "conversation" if task.order.file_id is None else "file"
            answers = [await self._complete(task, whole, each) for each in texts]
            cost += sum(more for _, more in answers)
            if len(answers) == 1:
                return answers[0][0], cost
            texts = _joined([text for text, _ in answers])

    async def _complete(self, task: _Task, name: str, text: str) -> tuple[str, Decimal]:
        resolved = task.resolved
        assert resolved is not None  # noqa: S101  (of every run with a model)
        await self._account.require_budget(task.owner)
        messages = [
            PromptMessage(Role.SYSTEM, f"{task.prompt.text}\n\n{FENCE_RULE}"),
            PromptMessage(
                Role.USER, fenced("Summarise the block.", [Material(name, text)], self._entropy)
            ),
        ]

        async def call() -> tuple[str, Decimal]:
            found = await complete(
                messages,
                task.prompt.settings,
                resolved,
                clock=self._clock,
                seconds=_CALL_SECONDS,
                named=False,
            )
            await self._account.charge(task.owner, found.usage, metered=resolved.metered)
            if not found.text.strip():
                raise ModelMisbehaved(f"{resolved.name} wrote an empty summary.")
            return found.text.strip(), found.cost or Decimal(0)

        return await Attempts().call(call, retries=_RETRIES, pause=self._pause)

    async def _external(self, task: _Task) -> str:
        """Returns the other service's summary; its job is begun where no process has done it before."""
        summariser = self._summariser
        if summariser is None:
            raise SummariserRefused("No summariser is set any more.")
        waiting = await self._summaries.submission(task.run_id)
        if waiting is None:
            external_id = await summariser.submit(task.said)
            waiting = Submission(external_id, self._clock.now())
            await self._summaries.submit(task.run_id, waiting)
        while True:
            try:
                text = await summariser.poll(waiting.external_id, len(task.said))
            except SummariserRefused:
                raise
            except (RateLimited, UpstreamFailed, UpstreamTimeout) as error:
                logger.info("the summariser is asked again later: {}", error.detail)
                text = None
            if text is not None:
                return text
            if self._clock.now() - waiting.submitted_at >= LONGEST_WAIT:
                raise UpstreamTimeout("The summariser was not done after 100 minutes.")
            await self._pause(POLL_SECONDS)


def _is_left(run: SummaryRun, order: SummaryOrder) -> bool:
    """Returns true if a run was interrupted that would make the same summary, so that it can go on."""
    return run.state is JobState.INTERRUPTED and run.spec == order


def _joined(summaries: Sequence[str]) -> Sequence[str]:
    """Parts of at least three summaries each, so that every level has fewer of them."""
    return parts_of([Spoken("summary", text[:_LONGEST_PARTIAL]) for text in summaries])


def parts_of(said: Sequence[Spoken]) -> Sequence[str]:
    """Joins texts, with who said them if anybody, to parts of up to `PART_CHARACTERS`; longer ones are
    cut.
    """
    parts = list[str]()
    room = 0
    for each in said:
        text = f"{each.role}: {each.text}" if each.role else each.text
        for start in range(0, len(text), PART_CHARACTERS):
            piece = text[start : start + PART_CHARACTERS]
            if len(piece) + 2 > room:
                parts.append(piece)
                room = PART_CHARACTERS - len(piece)
            else:
                parts[-1] += f"\n\n{piece}"
                room -= len(piece) + 2
    return parts
