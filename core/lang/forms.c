/* SPDX-License-Identifier: MIT */
/* forms.c: the special forms of the user side, as nodes. Each function has the grammar of its
 * form above it. The table of all forms stands at the end. */
#include "lang/compiler.h"

#define ARG1(form) cdr(form)
#define ARG2(form) cdr(cdr(form))
#define ARG3(form) cdr(cdr(cdr(form)))

static void
need_symbol(struct compiler *c, value v, span at, const char *what)
{
	if (!is_symbol(v) || v == NIL || v == T || is_keyword(v))
		comp_error(c, at, "%s must be a symbol", what);
}

/* (quote x) */
static struct node *
f_quote(struct compiler *c, value form, span at)
{
	return node_const(c, car(ARG1(form)), at);
}

/* (quasiquote x) */
static struct node *
f_quasiquote(struct compiler *c, value form, span at)
{
	return node_template(c, car(ARG1(form)), 1, at);
}

/* (unquote x) */
static struct node *
f_unquote(struct compiler *c, value form, span at)
{
	(void)form;
	comp_error(c, at, "a comma outside of a backquote");
}

/* (function name), (function (lambda ...)), (function (setf name)) */
static struct node *
f_function(struct compiler *c, value form, span at)
{
	value f = car(ARG1(form));
	struct node *n;
	struct env *e;

	if (car(f) == c->l->s_lambda)
		return analyse_lambda(c, NIL, car(cdr(f)), cdr(cdr(f)),
				      form_span(f) ? form_span(f) : at);
	if (car(f) == c->l->s_setf)
		f = lisp_setf_name(c->l, car(cdr(f)));
	need_symbol(c, f, at, "what #' names");
	e = env_find(c, f, ENV_FUNCTION);
	if (e && e->kind == ENV_FUNCTION)
		return local_ref(c, e->var, at);
	prelude_require(c->l, as_symbol(f));
	n = node_new(c, N_FUNCTION, at, 0);
	n->v = f;
	return n;
}

/* (lambda params body...) */
static struct node *
f_lambda(struct compiler *c, value form, span at)
{
	return analyse_lambda(c, NIL, car(ARG1(form)), ARG2(form), at);
}

/* (if test then [else]) */
static struct node *
f_if(struct compiler *c, value form, span at)
{
	struct node *n = node_new(c, N_IF, at, 3);

	n->kids[0] = analyse_car(c, ARG1(form), at);
	n->kids[1] = analyse_car(c, ARG2(form), at);
	n->kids[2] = is_cons(ARG3(form)) ? analyse_car(c, ARG3(form), at) :
		     node_const(c, NIL, at);
	return n;
}

/* (progn form...) */
static struct node *
f_progn(struct compiler *c, value form, span at)
{
	return analyse_body(c, cdr(form), at);
}

/* (and form...), (or form...) */
static struct node *
f_and(struct compiler *c, value form, span at)
{
	uint32_t n = (uint32_t)list_length(cdr(form));
	bool all = car(form) == c->l->s_and;
	struct node *p;

	if (n == 0)
		return node_const(c, make_bool(all), at);
	if (n == 1)
		return analyse_car(c, cdr(form), at);
	p = node_new(c, all ? N_AND : N_OR, at, n);
	form = cdr(form);
	for (uint32_t i = 0; i < n; i++, form = cdr(form))
		p->kids[i] = analyse_car(c, form, at);
	return p;
}

/* ---- variables ---------------------------------------------------------------------- */

/* One binding of let: name, (name) or (name init). */
static value
binding_name(struct compiler *c, value b, span at, struct node **init)
{
	value name = is_cons(b) ? car(b) : b;

	if (is_cons(b) && form_span(b))
		at = form_span(b);
	need_symbol(c, name, at, "a variable");
	if (is_cons(b) && is_cons(cdr(b)))
		*init = analyse_car(c, cdr(b), at);
	else
		*init = node_const(c, NIL, at);
	if (is_cons(b) && cdr(cdr(b)) != NIL)
		comp_error(c, at, "a binding is (name value)");
	if (as_symbol(name)->header & FLAG_CONST)
		comp_error(c, at, "`%.*s` is a constant and cannot be bound",
			   STR_ARG(as_symbol(name)->name));
	return name;
}

/* (let ((name init)...) body...), (let* ...) */
static struct node *
f_let(struct compiler *c, value form, span at)
{
	bool sequential = car(form) == c->l->s_let_star;
	value b = car(ARG1(form));
	int n = list_length(b);
	struct node *let;
	struct env *env = c->env;

	if (n < 0)
		comp_error(c, at, "the bindings of `let` must be a list");
	let = node_new(c, N_LET, at, (uint32_t)n + 1);
	let->nvars = (uint32_t)n;
	let->vars = arena_array(c->a, struct var *, n + 1);
	for (int i = 0; i < n; i++, b = cdr(b)) {
		span s = car_span(b) ? car_span(b) : at;

		let->vars[i] = var_new(c, binding_name(c, car(b), s, &let->kids[i]));
		if (sequential)
			env_variable(c, let->vars[i]);
	}
	for (int i = 0; i < n && !sequential; i++)
		env_variable(c, let->vars[i]);
	let->index = sequential;
	let->kids[n] = analyse_body(c, skip_declarations(c, ARG2(form), false), at);
	c->env = env;
	return let;
}

/* Assign to a variable of any kind. */
static struct node *
assign(struct compiler *c, value name, struct node *v, span at)
{
	struct env *e;
	struct node *n;

	e = env_find(c, name, ENV_VAR);
	if (e && e->kind == ENV_VAR && e->var) {
		n = local_ref(c, e->var, at);
		n->kind = N_SETLOCAL;
		n->nkids = 1;
		n->kids = arena_array(c->a, struct node *, 1);
		n->kids[0] = v;
		e->var->mutated = true;
		return n;
	}
	if (as_symbol(name)->header & FLAG_CONST)
		comp_error(c, at, "`%.*s` is a constant and cannot be assigned",
			   STR_ARG(as_symbol(name)->name));
	n = node_new(c, N_SETGLOBAL, at, 1);
	n->v = name;
	n->kids[0] = v;
	return n;
}

/* (setq name value ...) */
static struct node *
f_setq(struct compiler *c, value form, span at)
{
	int n = list_length(cdr(form));
	struct node *p;

	if (n & 1)
		comp_error(c, at, "`setq` needs a value for every name");
	if (n == 0)
		return node_const(c, NIL, at);
	p = node_new(c, N_PROGN, at, (uint32_t)n / 2);
	form = cdr(form);
	for (uint32_t i = 0; i < p->nkids; i++, form = cdr(cdr(form))) {
		value name = car(form);
		struct env *e;

		need_symbol(c, name, at, "what `setq` assigns");
		e = env_find(c, name, ENV_VAR);
		if ((e && e->kind == ENV_SYMBOL_MACRO) ||
		    (!e && as_symbol(name)->header & FLAG_MACRO))
			p->kids[i] = analyse(c, FORM3(c->l->s_setf, name, car(cdr(form))), at);
		else
			p->kids[i] = assign(c, name, analyse_car(c, cdr(form), at), at);
	}
	return p->nkids == 1 ? p->kids[0] : p;
}

/* (symbol-macrolet ((name expansion)...) body...) */
static struct node *
f_symbol_macrolet(struct compiler *c, value form, span at)
{
	struct env *env = c->env;
	struct node *n;

	for (value b = car(ARG1(form)); is_cons(b); b = cdr(b)) {
		need_symbol(c, car(car(b)), at, "a symbol macro");
		env_push(c, ENV_SYMBOL_MACRO, car(car(b)))->v = car(cdr(car(b)));
	}
	n = analyse_body(c, skip_declarations(c, ARG2(form), false), at);
	c->env = env;
	return n;
}

/* ---- local functions ---------------------------------------------------------------- */

/* Wraps a body in a block of the function's name. */
static value
body_block(struct compiler *c, value name, value body, span at)
{
	value doc = NIL, block;

	if (car(name) == c->l->s_setf)
		name = car(cdr(name));
	while (is_cons(body) && ((is_string(car(body)) && is_cons(cdr(body))) ||
				 car(car(body)) == c->l->s_declare)) {
		if (car(car(body)) == c->l->s_declare)
			doc = cons(c->l, car(body), doc);
		body = cdr(body);
	}
	block = cons_at(c->l, c->l->s_block, cons(c->l, name, body), at);
	as_cons(block)->header |= FLAG_PLAIN;
	block = cons(c->l, block, NIL);
	for (; is_cons(doc); doc = cdr(doc))
		block = cons(c->l, car(doc), block);
	return block;
}

/* (flet ((name params body...)...) body...), (labels ...) */
static struct node *
f_flet(struct compiler *c, value form, span at)
{
	bool labels = str_is(as_symbol(car(form))->name, "labels");
	value b = car(ARG1(form));
	int n = list_length(b);
	struct env *env = c->env;
	struct node *let;

	if (n < 0)
		comp_error(c, at, "the functions must be a list");
	let = node_new(c, labels ? N_LETREC : N_LET, at, (uint32_t)n + 1);
	let->nvars = (uint32_t)n;
	let->vars = arena_array(c->a, struct var *, n + 1);
	for (int i = 0; i < n; i++, b = cdr(b)) {
		need_symbol(c, car(car(b)), at, "a function's name");
		let->vars[i] = var_new(c, car(car(b)));
		let->vars[i]->special = false;
		let->vars[i]->letrec = labels;
	}
	for (int i = 0; i < n && labels; i++)
		env_push(c, ENV_FUNCTION, let->vars[i]->sym)->var = let->vars[i];
	b = car(ARG1(form));
	for (int i = 0; i < n; i++, b = cdr(b)) {
		value d = car(b);
		span s = form_span(d) ? form_span(d) : at;

		let->kids[i] = analyse_lambda(c, car(d), car(cdr(d)),
					      body_block(c, car(d), cdr(cdr(d)), s), s);
	}
	for (int i = 0; i < n && !labels; i++)
		env_push(c, ENV_FUNCTION, let->vars[i]->sym)->var = let->vars[i];
	let->kids[n] = analyse_body(c, skip_declarations(c, ARG2(form), false), at);
	c->env = env;
	return let;
}

/* (macrolet ((name params body...)...) body...) */
static struct node *
f_macrolet(struct compiler *c, value form, span at)
{
	struct env *env = c->env;
	struct node *n;

	for (value b = car(ARG1(form)); is_cons(b); b = cdr(b)) {
		value d = car(b), fn, lambda;
		span s = form_span(d) ? form_span(d) : at;

		need_symbol(c, car(d), s, "a macro's name");
		lambda = macro_lambda(c->l, car(d), car(cdr(d)),
				      body_block(c, car(d), cdr(cdr(d)), s), s);
		if (!compile_lambda(c->l, car(d), car(cdr(lambda)), cdr(cdr(lambda)), s, &fn))
			comp_fail(c);
		env_push(c, ENV_MACRO, car(d))->v = fn;
	}
	n = analyse_body(c, skip_declarations(c, ARG2(form), false), at);
	c->env = env;
	return n;
}

/* ---- exits -------------------------------------------------------------------------- */

static struct block *
block_new(struct compiler *c, value name)
{
	struct block *b = arena_new(c->a, struct block);

	b->name = name;
	b->owner = c->fn;
	b->protect = c->fn->protect;
	b->tag = var_new(c, NIL);
	b->tag->special = false;
	return b;
}

/* (block name body...) */
static struct node *
f_block(struct compiler *c, value form, span at)
{
	struct node *n = node_new(c, N_BLOCK, at, 1);
	struct env *env = c->env;

	n->block = block_new(c, car(ARG1(form)));
	env_push(c, ENV_BLOCK, car(ARG1(form)))->block = n->block;
	n->kids[0] = analyse_body(c, ARG2(form), at);
	c->env = env;
	return n;
}

/* Leaving b from here: by a jump, or through the machine's handlers? */
static void
leave(struct compiler *c, struct block *b)
{
	if (b->owner != c->fn || c->fn->protect > b->protect) {
		b->dynamic = true;
		if (b->owner != c->fn)
			(void)local_ref(c, b->tag, 0);
	}
}

/* (return-from name [value]) */
static struct node *
f_return_from(struct compiler *c, value form, span at)
{
	struct env *e = env_find(c, car(ARG1(form)), ENV_BLOCK);
	struct node *n = node_new(c, N_RETURN, at, 1);

	if (!e) {
		str name = is_symbol(car(ARG1(form))) ? as_symbol(car(ARG1(form)))->name :
			   STR("?");

		comp_error(c, at, "no block named `%.*s` is open here", STR_ARG(name));
	}
	n->block = e->block;
	leave(c, e->block);
	n->kids[0] = is_cons(ARG2(form)) ? analyse_car(c, ARG2(form), at) :
		     node_const(c, NIL, at);
	return n;
}

/* (tagbody {tag | form}...) */
static struct node *
f_tagbody(struct compiler *c, value form, span at)
{
	int total = list_length(cdr(form));
	struct node *n = node_new(c, N_TAGBODY, at, (uint32_t)total);
	struct env *env = c->env;
	struct block *b = block_new(c, NIL);

	n->block = b;
	n->nkids = 0;
	b->tags = arena_array(c->a, value, total + 1);
	b->labels = arena_array(c->a, struct label, total + 1);
	n->positions = arena_array(c->a, uint32_t, total + 1);
	for (value v = cdr(form); is_cons(v); v = cdr(v)) {
		struct env *e;

		if (is_cons(car(v)))
			continue;
		e = env_push(c, ENV_TAG, car(v));
		e->block = b;
		e->index = b->ntags;
		b->tags[b->ntags++] = car(v);
	}
	b->ntags = 0;
	for (value v = cdr(form); is_cons(v); v = cdr(v)) {
		if (is_cons(car(v)))
			n->kids[n->nkids++] = analyse_car(c, v, at);
		else
			n->positions[b->ntags++] = n->nkids;
	}
	c->env = env;
	return n;
}

/* (go tag) */
static struct node *
f_go(struct compiler *c, value form, span at)
{
	struct env *e = env_find(c, car(ARG1(form)), ENV_TAG);
	struct node *n = node_new(c, N_GO, at, 0);

	if (!e)
		comp_error(c, at, "`go` to a tag that is not here");
	n->block = e->block;
	n->index = e->index;
	leave(c, e->block);
	return n;
}

/* (catch tag body...), (throw tag value) */
static struct node *
f_catch(struct compiler *c, value form, span at)
{
	struct node *n = node_new(c, N_CATCH, at, 2);

	n->kids[0] = analyse_car(c, ARG1(form), at);
	n->kids[1] = analyse_body(c, ARG2(form), at);
	return n;
}

static struct node *
f_throw(struct compiler *c, value form, span at)
{
	struct node *n = node_new(c, N_THROW, at, 2);

	n->kids[0] = analyse_car(c, ARG1(form), at);
	n->kids[1] = analyse_car(c, ARG2(form), at);
	return n;
}

/* (unwind-protect form cleanup...) */
static struct node *
f_unwind_protect(struct compiler *c, value form, span at)
{
	struct node *n = node_new(c, N_UNWIND, at, 2);

	c->fn->protect++;
	n->kids[0] = analyse_car(c, ARG1(form), at);
	n->kids[1] = analyse_body(c, ARG2(form), at);
	c->fn->protect--;
	return n;
}

/* With a :no-error clause the values of the form leave the handlers first:
 * (block e (multiple-value-call (lambda vars body...)
 *   (block n (return-from e (handler-case (return-from n form) clauses...))))) */
static value
without_no_error(struct compiler *c, value form, value clause, span at)
{
	struct lisp *l = c->l;
	value e = gensym(l, "e"), n = gensym(l, "n"), clauses = NIL, all = NIL;
	value block = make_symbol(l, STR("block")), leave = make_symbol(l, STR("return-from"));
	value calls = make_symbol(l, STR("multiple-value-call"));

	for (value v = cdr(cdr(form)); is_cons(v); v = cdr(v))
		if (car(v) != clause)
			clauses = cons_at(l, car(v), clauses, at);
	for (; is_cons(clauses); clauses = cdr(clauses))
		all = cons_at(l, car(clauses), all, at);
	all = cons_at(l, FORM3(leave, n, car(cdr(form))), all, at);
	all = FORM3(block, n, FORM3(leave, e, cons_at(l, car(form), all, at)));
	return FORM3(block, e, FORM3(calls, cons_at(l, make_symbol(l, STR("lambda")),
						   cdr(clause), at), all));
}

/* (handler-case form (type ([var]) body...)... [(:no-error (vars) body...)]) */
static struct node *
f_handler_case(struct compiler *c, value form, span at)
{
	int n = list_length(ARG2(form));
	struct node *p = node_new(c, N_CASE, at, (uint32_t)n + 1);
	value types = NIL, clause = ARG2(form);

	for (value v = clause; is_cons(v); v = cdr(v))
		if (is_keyword(car(car(v))) && str_is(as_symbol(car(car(v)))->name, "no-error"))
			return analyse(c, without_no_error(c, form, car(v), at), at);
	p->nvars = (uint32_t)n + 1;
	p->vars = arena_array(c->a, struct var *, n + 1);
	p->kids[0] = analyse_car(c, ARG1(form), at);
	for (int i = 1; i <= n; i++, clause = cdr(clause)) {
		value d = car(clause);
		struct env *env = c->env;

		if (!is_cons(d))
			comp_error(c, at, "a clause of `handler-case` is (type ([var]) body...)");
		types = cons(c->l, car(d), types);
		p->vars[i] = var_new(c, is_cons(car(cdr(d))) ? car(car(cdr(d))) : NIL);
		p->vars[i]->special = false;
		env_push(c, ENV_VAR, p->vars[i]->sym)->var = p->vars[i];
		p->kids[i] = analyse_body(c, skip_declarations(c, cdr(cdr(d)), false), at);
		c->env = env;
	}
	p->v = NIL;
	for (; is_cons(types); types = cdr(types))
		p->v = cons(c->l, car(types), p->v);
	return p;
}

/* (handler-bind ((type function)...) body...) */
static struct node *
f_handler_bind(struct compiler *c, value form, span at)
{
	value b = car(ARG1(form));
	int n = list_length(b);
	struct node *p;

	if (n < 0)
		comp_error(c, at, "the handlers must be a list");
	p = node_new(c, N_BIND, at, (uint32_t)n + 1);
	p->v = NIL;
	for (int i = 0; i < n; i++, b = cdr(b)) {
		p->v = cons(c->l, car(car(b)), p->v);
		p->kids[i] = analyse_car(c, cdr(car(b)), at);
	}
	p->kids[n] = analyse_body(c, ARG2(form), at);
	return p;
}

/* ---- several values ----------------------------------------------------------------- */

/* (values form...) */
static struct node *
f_values(struct compiler *c, value form, span at)
{
	uint32_t n = (uint32_t)list_length(cdr(form));
	struct node *p = node_new(c, N_VALUES, at, n);

	if (n > MAX_VALUES)
		comp_error(c, at, "more than %d values", MAX_VALUES);
	form = cdr(form);
	for (uint32_t i = 0; i < n; i++, form = cdr(form))
		p->kids[i] = analyse_car(c, form, at);
	return p;
}

/* (multiple-value-bind (var...) form body...) */
static struct node *
f_multiple_value_bind(struct compiler *c, value form, span at)
{
	value names = car(ARG1(form));
	int n = list_length(names);
	struct env *env = c->env;
	struct node *p;

	if (n < 0 || n > MAX_VALUES)
		comp_error(c, at, "the variables must be a list");
	if (n == 0)
		return analyse_body(c, ARG2(form), at);
	p = node_new(c, N_MVBIND, at, 2);
	p->nvars = (uint32_t)n;
	p->vars = arena_array(c->a, struct var *, n);
	p->kids[0] = analyse_car(c, ARG2(form), at);
	for (int i = 0; i < n; i++, names = cdr(names)) {
		need_symbol(c, car(names), at, "a variable");
		p->vars[i] = var_new(c, car(names));
		env_variable(c, p->vars[i]);
	}
	p->kids[1] = analyse_body(c, skip_declarations(c, ARG3(form), false), at);
	c->env = env;
	return p;
}

/* (multiple-value-list form) */
static struct node *
f_multiple_value_list(struct compiler *c, value form, span at)
{
	struct node *p = node_new(c, N_MVLIST, at, 1);

	p->kids[0] = analyse_car(c, ARG1(form), at);
	return p;
}

/* (multiple-value-prog1 form body...) */
static struct node *
f_multiple_value_prog1(struct compiler *c, value form, span at)
{
	struct node *p = node_new(c, N_MVPROG1, at, 2);

	p->kids[0] = analyse_car(c, ARG1(form), at);
	p->kids[1] = analyse_body(c, ARG2(form), at);
	return p;
}

/* (funcall function arg...) */
static struct node *
f_funcall(struct compiler *c, value form, span at)
{
	uint32_t n = (uint32_t)list_length(cdr(form));
	bool apply = str_is(as_symbol(car(form))->name, "apply");
	struct node *p = node_new(c, apply ? N_APPLY : N_CALL, at, n);

	form = cdr(form);
	for (uint32_t i = 0; i < n; i++, form = cdr(form))
		p->kids[i] = analyse_car(c, form, at);
	return p;
}

/* ---- definitions -------------------------------------------------------------------- */

/* A call of an internal builtin with these argument nodes. */
static struct node *
call3(struct compiler *c, const char *name, struct node *a, struct node *b, struct node *d,
      span at)
{
	struct node *n = node_callg(c, name, at, d ? 3 : 2);

	n->kids[0] = a;
	n->kids[1] = b;
	if (d)
		n->kids[2] = d;
	return n;
}

/* What (doc name) will say of a definition: ((name . params) . docstring or nil). */
static struct node *
documentation(struct compiler *c, value form, span at)
{
	value text = car(ARG3(form));
	value call = cons(c->l, car(ARG1(form)), car(ARG2(form)));

	return node_const(c, cons(c->l, call, is_string(text) ? text : NIL), at);
}

/* (defun name params body...), (defun (setf name) params body...) */
static struct node *
f_defun(struct compiler *c, value form, span at)
{
	value name = car(ARG1(form)), sym = name;

	if (car(name) == c->l->s_setf)
		sym = lisp_setf_name(c->l, car(cdr(name)));
	need_symbol(c, sym, at, "a function's name");
	return call3(c, "%define-function", node_const(c, sym, at),
		     analyse_lambda(c, sym, car(ARG2(form)),
				    body_block(c, name, ARG3(form), at), at),
		     documentation(c, form, at), at);
}

/* (defmacro name params body...) */
static struct node *
f_defmacro(struct compiler *c, value form, span at)
{
	value name = car(ARG1(form)), lambda;

	need_symbol(c, name, at, "a macro's name");
	lambda = macro_lambda(c->l, name, car(ARG2(form)),
			      body_block(c, name, ARG3(form), at), at);
	return call3(c, "%define-macro", node_const(c, name, at),
		     analyse_lambda(c, name, car(cdr(lambda)), cdr(cdr(lambda)), at),
		     documentation(c, form, at), at);
}

/* (defvar name [value [doc]]), (defparameter name value [doc]), (defconstant name value) */
static struct node *
f_defvar(struct compiler *c, value form, span at)
{
	value name = car(ARG1(form));
	str which = as_symbol(car(form))->name;
	struct node *set, *init;

	need_symbol(c, name, at, "a variable");
	if (str_is(which, "defconstant")) {
		return call3(c, "%define-constant", node_const(c, name, at),
			     analyse_car(c, ARG2(form), at), NULL, at);
	}
	/* Known as special to what follows in the same form. */
	as_symbol(name)->header |= FLAG_BOUND;
	init = is_cons(ARG2(form)) ? analyse_car(c, ARG2(form), at) : NULL;
	if (!init)
		return node_const(c, name, at);
	set = node_new(c, N_SETGLOBAL, at, 1);
	set->v = name;
	set->kids[0] = init;
	if (str_is(which, "defvar")) {
		struct node *n = node_new(c, N_OR, at, 2);

		n->kids[0] = node_callg(c, "boundp", at, 1);
		n->kids[0]->kids[0] = node_const(c, name, at);
		n->kids[1] = set;
		set = n;
	}
	init = node_new(c, N_PROGN, at, 2);
	init->kids[0] = set;
	init->kids[1] = node_const(c, name, at);
	return init;
}

/* (in-package x), (defpackage ...), (require ...), (declaim ...): nothing to do */
static struct node *
f_nothing(struct compiler *c, value form, span at)
{
	(void)form;
	return node_const(c, NIL, at);
}

/* (declare ...) in a place where it cannot stand */
static struct node *
f_declare(struct compiler *c, value form, span at)
{
	(void)form;
	comp_error(c, at, "`declare` stands only at the start of a body");
}

/* (the type form) */
static struct node *
f_the(struct compiler *c, value form, span at)
{
	return analyse_car(c, ARG2(form), at);
}

/* (locally body...) */
static struct node *
f_locally(struct compiler *c, value form, span at)
{
	return analyse_body(c, skip_declarations(c, cdr(form), false), at);
}

/* (eval-when (situation...) body...) */
static struct node *
f_eval_when(struct compiler *c, value form, span at)
{
	return analyse_body(c, ARG2(form), at);
}

/* (destructuring-bind pattern list body...) */
static struct node *
f_destructuring_bind(struct compiler *c, value form, span at)
{
	value list = gensym(c->l, "list");
	value who = cons(c->l, car(form), car(ARG1(form)));
	value inner = destructure(c->l, car(ARG1(form)), list, who, ARG3(form), at);

	return analyse(c, FORM3(c->l->s_let,
				list_of(c->l, at, 1, FORM2(list, car(ARG2(form)))), inner), at);
}

static const struct form_row rows[] = {
#define F(name, min, max, fn, doc) {name, min, max, f_##fn, NULL, doc},
#define M(name, min, max, fn, doc) {name, min, max, NULL, m_##fn, doc},
#include "lang/forms.def"
};

const struct form_row *
form_row(uint32_t index)
{
	return index && index <= sizeof rows / sizeof *rows ? &rows[index - 1] : NULL;
}
