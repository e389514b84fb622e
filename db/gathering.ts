interface Waiting<Question, Answer> {
  readonly question: Question;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * Questions of one kind that are asked at the same time and go to Postgres together. Whoever finds a place under way is asked at once;
 * the others wait for the next place, and then share one round trip. Nobody waits for more to come.
 */
export class Gathering<Question, Answer> {
  readonly #askTogether: (questions: readonly Question[]) => Promise<readonly Answer[]>;
  readonly #places: number;
  readonly #mostTogether: number;
  #waiting: Waiting<Question, Answer>[] = [];
  #underWay = 0;

  /** `askTogether` gives an answer to each question, in order; when it throws, each of them is told. */
  constructor(
    askTogether: (questions: readonly Question[]) => Promise<readonly Answer[]>,
    { places, mostTogether }: { readonly places: number; readonly mostTogether: number },
  ) {
    this.#askTogether = askTogether;
    this.#places = places;
    this.#mostTogether = mostTogether;
  }

  ask(question: Question): Promise<Answer> {
    return new Promise<Answer>((resolve, reject) => {
      this.#waiting.push({ question, resolve, reject });
      if (this.#underWay < this.#places) void this.#go();
    });
  }

  /** Takes a place and keeps it as long as somebody waits. */
  async #go(): Promise<void> {
    this.#underWay++;
    while (this.#waiting.length > 0) await this.#askNext();
    this.#underWay--;
  }

  async #askNext(): Promise<void> {
    const together = this.#waiting.slice(0, this.#mostTogether);
    this.#waiting = this.#waiting.slice(this.#mostTogether);
    try {
      const answers = await this.#askTogether(together.map(({ question }) => question));
      together.forEach(({ resolve, reject }, index) => {
        const answer = answers[index];
        if (index < answers.length) resolve(answer as Answer);
        else reject(new Error('a question was not answered'));
      });
    } catch (error) {
      for (const { reject } of together) reject(error);
    }
  }
}
