-- comments_zh.sql: every comment of the extension regtarget in Chinese, for psql's \d+, \df+ and for
-- the BI tools that show comments.  By the extension's owner or a superuser, in the database where
-- the extension is:
--
--     psql -d DATABASE -f "$(pg_config --sharedir)/extension/comments_zh.sql"
--
-- Again after a restore and after ALTER EXTENSION regtarget UPDATE: a dump does not hold the comments
-- of an extension's objects.  It needs a database of encoding UTF8 (EUC_CN and SQL_ASCII will do); the
-- client's encoding may be any and is put back at the end.  All or nothing: one transaction.

\set ON_ERROR_STOP on
SHOW client_encoding \gset regtarget_
SET client_encoding = 'UTF8';

SELECT pg_catalog.getdatabaseencoding() AS regtarget_encoding,
	pg_catalog.getdatabaseencoding() IN ('UTF8', 'EUC_CN', 'SQL_ASCII') AS regtarget_takes_chinese \gset
\if :regtarget_takes_chinese
\else
\warn 'comments_zh.sql: a database of encoding' :regtarget_encoding 'cannot hold Chinese text; its comments stay as they are'
SELECT pg_catalog.convert_from('\xe99480', 'UTF8') AS "a Chinese character";
\endif

BEGIN;

COMMENT ON EXTENSION regtarget IS '区域销售目标：健康度评分、目标拆解、每月在调整幅度上限之内调整';
COMMENT ON SCHEMA regtarget IS '区域销售目标：组织、业务数据、健康度、目标拆解、受管控的目标';

-- ---- schema -----------------------------------------------------------------------------------

COMMENT ON FUNCTION regtarget.check_references() IS
'触发器，引用方：语句写入的每个键都必须存在（23503）。恢复备份时不检查，孤儿行由 verify() 找出。';
COMMENT ON FUNCTION regtarget.check_referenced() IS
'触发器，被引用方：仍被引用的键不能修改，也不能删除（23503）。';
COMMENT ON FUNCTION regtarget.declared_references() IS
'哪一列引用哪一列：引用由触发器检查而不声明为外键，因为 pg_restore 装载扩展的表没有固定次序。';

-- ---- duties and access ------------------------------------------------------------------------

COMMENT ON TABLE regtarget.duties IS '谁在哪个单元负有什么职责：对该单元及其所有下级有效。由 grant_duty() 和 revoke_duty() 写入，它们同时管理权限。';
COMMENT ON COLUMN regtarget.duties.role IS '角色名；继承该角色的角色同样有效，角色删除后对谁都无效';
COMMENT ON COLUMN regtarget.duties.unit_id IS '组织单元';
COMMENT ON COLUMN regtarget.duties.duty IS 'planner（规划）、manager（负责人）、finance（财务）或 viewer（查看）';
COMMENT ON TABLE regtarget.shared_logins IS '多人共用的登录角色（连接池、网页应用）：以其中之一提出的申请，可用同一登录以另一角色会签。由所有者填写。';
COMMENT ON COLUMN regtarget.shared_logins.login IS '登录角色的名称';
COMMENT ON TABLE regtarget.access_grants IS '哪个角色拥有哪种职责所需的权限而不涉及任何单元：供成员各自被授予职责的组角色使用。由 grant_access() 和 revoke_access() 写入。';
COMMENT ON COLUMN regtarget.access_grants.role IS '角色名';
COMMENT ON COLUMN regtarget.access_grants.duty IS 'planner、manager、finance、viewer，或 top planner：另加没有上级的单元的目标规划所需的权限';
COMMENT ON TABLE regtarget.kept_privileges IS '在 grant_duty() 或 grant_access() 授予之前，角色已由他人授予的权限：收回时保留。由这些函数写入。';
COMMENT ON COLUMN regtarget.kept_privileges.role IS '角色名';
COMMENT ON COLUMN regtarget.kept_privileges.object IS '模式、表、视图或函数，写法同 GRANT';
COMMENT ON COLUMN regtarget.kept_privileges.privilege IS '权限；只涉及一列时，括号内为列名';
COMMENT ON FUNCTION regtarget.forget_sight() IS '触发器：职责、方案有变，或有单元移动、删除时，每个会话忘掉所知的内容，行级安全下次询问时重新读取';
COMMENT ON FUNCTION regtarget.grant_duty(name, text, text) IS
'授予角色在某单元及其所有下级的职责（planner、manager、finance、viewer），连同所需而尚未拥有（直接或由所继承的角色）的权限；授予两次等于一次。由顶层单元的目标规划和扩展的所有者使用。角色或单元不存在报 42704，其他人报 42501，空值或未知职责报 22023。';
COMMENT ON FUNCTION regtarget.revoke_duty(name, text, text) IS
'收回职责，以及它所给的、该角色的其余职责和授权不再需要的权限；收回两次等于一次。已删除的角色只要还有记录就可以指名。谁能授予谁就能收回。错误同 grant_duty。';
COMMENT ON FUNCTION regtarget.grant_access(name, text) IS
'授予角色某种职责（planner、manager、finance、viewer，或 top planner：没有上级的单元的目标规划）所需的权限，不涉及任何单元：供组角色使用，其成员被授予职责时不再单独获得权限。授予两次等于一次。由没有上级的单元的目标规划和扩展的所有者使用。角色不存在报 42704，其他人报 42501，空值或未知职责报 22023。';
COMMENT ON FUNCTION regtarget.revoke_access(name, text) IS
'收回 grant_access 所给的权限，该角色自己的职责和其他授权所需的除外；其成员随之失去这些权限，无论有何职责。收回两次等于一次。已删除的角色只要还有记录就可以指名。错误同 grant_access。';
COMMENT ON FUNCTION regtarget.sees_unit(int) IS '行级安全：当前角色在该单元或其上级有职责吗？';
COMMENT ON FUNCTION regtarget.plans_unit(int) IS '行级安全：当前角色是该单元或其上级的目标规划吗？';
COMMENT ON FUNCTION regtarget.decides_over(int) IS '行级安全：当前角色是其上级单元的目标规划吗？没有上级的单元，则问它自己的目标规划';
COMMENT ON FUNCTION regtarget.edits_unit(int) IS '行级安全：当前角色是该单元所属顶层单元的目标规划吗？';
COMMENT ON FUNCTION regtarget.sees_plan(int, text, text) IS '行级安全：当前角色能看到以该单元为根的方案吗？目标规划还能看到草案、影子方案和沙盘。已公开的影子方案，其状态以 revealed 给出。';
COMMENT ON FUNCTION regtarget.sees_target(bigint, int) IS '行级安全：当前角色能看到方案中该单元的内容吗？目标规划还能看到草案、未公开的影子方案和沙盘。';
COMMENT ON FUNCTION regtarget.writes_draft(bigint) IS '行级安全：当前角色是方案的根或其上级的目标规划吗？';
COMMENT ON FUNCTION regtarget.updates_target(bigint, int) IS '行级安全：当前角色是该草案的目标规划，或能看到该已发布目标吗？';
COMMENT ON FUNCTION regtarget.has_duty() IS '行级安全：当前角色有任何职责吗？';
COMMENT ON FUNCTION regtarget.is_top_planner() IS '行级安全：当前角色是没有上级的单元的目标规划吗？';
COMMENT ON FUNCTION regtarget.sees_unassigned(int) IS '行级安全：该员工从未分配到任何单元，且当前角色在没有上级的单元有职责吗？';
COMMENT ON FUNCTION regtarget.sees_alias(text, text) IS '行级安全：当前角色看得到该别名所指的单元、员工或客户吗？';
COMMENT ON FUNCTION regtarget.sees_duty(name, int) IS '行级安全：该职责属于当前角色，或属于其能看到的单元吗？';
COMMENT ON FUNCTION regtarget.place_of_unit(int) IS '单元在整棵树中的位置，供视图 unit_tree 使用：上级编码、距根的层数、自根而下的路径、所属大区、是否没有下级。看不到的单元全为空。';
COMMENT ON FUNCTION regtarget.ancestors_of_unit(int) IS '单元自身及其每个上级，供视图 unit_ancestors 使用；看不到的单元没有结果';
COMMENT ON FUNCTION regtarget.place_in_plan(bigint, int) IS '单元在某方案的树中的位置，供各目标视图使用：上级的键和编码、距根的层数、所属大区、方案中是否没有目标在其下。方案的根以上沿用该目标期第一天的树。看不到的目标全为空。';
COMMENT ON FUNCTION regtarget.basis_of_target(bigint, int, int) IS '方案中某单元建议值里各信号的贡献；即 target_basis 的各行。看不到的目标没有结果。';
COMMENT ON FUNCTION regtarget.basis_in_words(text, float8, float8, float8, boolean, float8) IS '用一句话说明 target_basis 的一行，同 target_breakdown';
COMMENT ON FUNCTION regtarget.plan_totals(bigint) IS '方案根的编码、目标个数与惩罚性加码合计，与谁查询无关；看不到的方案没有结果';
COMMENT ON FUNCTION regtarget.plan_parents(bigint) IS '方案中有下级的目标及下级的合计，与谁查询无关；只含看得到的目标';

-- ---- units ------------------------------------------------------------------------------------

COMMENT ON TABLE regtarget.units IS '销售组织：公司、大区、小组，层数不限。上下级构成一棵树，成环报 23514。';
COMMENT ON COLUMN regtarget.units.unit_id IS '主键，大于 0；不给则自动生成';
COMMENT ON COLUMN regtarget.units.code IS '大家口头使用的编码；函数以它指名组织单元';
COMMENT ON COLUMN regtarget.units.name IS '报表用的名称';
COMMENT ON COLUMN regtarget.units.kind IS '单元种类，任意词；写 region 则它是自己和所有下级的大区';
COMMENT ON COLUMN regtarget.units.parent_id IS '上级单元；空：根';
COMMENT ON COLUMN regtarget.units.opened_on IS '启用的第一天；空：一直存在';
COMMENT ON COLUMN regtarget.units.closed_on IS '启用的最后一天；空：仍在';

COMMENT ON TABLE regtarget.periods IS '目标期（季度），也可以是别的长短；互不重叠（23P01）。add_year() 一次加四个。';
COMMENT ON COLUMN regtarget.periods.period IS '键，例如 2025Q3';
COMMENT ON COLUMN regtarget.periods.during IS '起止日期；两端都有界';

COMMENT ON TABLE regtarget.months IS '目标期内的月，长短不限；每个月都在其目标期之内（23514），互不重叠（23P01）';
COMMENT ON COLUMN regtarget.months.month IS '键，例如 2025-07';
COMMENT ON COLUMN regtarget.months.period IS '所属目标期';
COMMENT ON COLUMN regtarget.months.during IS '起止日期；两端都有界';
COMMENT ON COLUMN regtarget.months.share IS '占本期目标的份额，0 到 1；没填的月按天数分剩下的';

COMMENT ON TABLE regtarget.employees IS '销售组织的员工';
COMMENT ON COLUMN regtarget.employees.employee_id IS '主键；不给则自动生成';
COMMENT ON COLUMN regtarget.employees.source IS '数据来自哪个系统';
COMMENT ON COLUMN regtarget.employees.source_id IS '该系统中的键；与 source 合起来唯一，重复装载不会重复';
COMMENT ON COLUMN regtarget.employees.name IS '姓名';
COMMENT ON COLUMN regtarget.employees.email IS '电子邮箱';
COMMENT ON COLUMN regtarget.employees.hired_on IS '入职第一天；空：不详，此时产能按满员计，司龄不计';
COMMENT ON COLUMN regtarget.employees.left_on IS '在职最后一天；空：仍在职';
COMMENT ON COLUMN regtarget.employees.leave_reason IS '离职原因；pressure 是高压力离职，由视图 outcomes 统计';

COMMENT ON TABLE regtarget.assignments IS '谁在何时属于哪个单元；每名员工同一时间只属一个单元（23P01）';
COMMENT ON COLUMN regtarget.assignments.employee_id IS '员工';
COMMENT ON COLUMN regtarget.assignments.unit_id IS '组织单元';
COMMENT ON COLUMN regtarget.assignments.during IS '任职日期，必须有第一天；最多算到员工的 left_on';

COMMENT ON TABLE regtarget.ramp IS '新人在产能中按在职月数折算多少；空表：人人算 1';
COMMENT ON COLUMN regtarget.ramp.months_of_service IS '从满几个月起，到下一行为止；最低一行也适用于更短的';
COMMENT ON COLUMN regtarget.ramp.share IS '一人折算多少，不小于 0；1 是满员';

COMMENT ON FUNCTION regtarget.check_tree() IS '触发器：单元不能在自己之上（23514，约束 units_tree）';
COMMENT ON FUNCTION regtarget.check_past_parents() IS '触发器：任何一天单元都不能在自己之上（23514，约束 units_tree）';
COMMENT ON FUNCTION regtarget.move_unit(text, text, date) IS '从某日（可在将来）起，单元归到另一个上级之下（空：置于顶层）；此前一切照旧。由新旧两个上级的目标规划操作。已发布的目标不动，用 move_target() 带走。错误：42704 单元或上级不存在；42501 不是两个上级的目标规划；22023 单元或日期为空、日期无穷；55000 该单元在当日或之后已有移动记录、上级没有变化、单元或上级当日不在营、日期在已关闭的季度之内或之前；23514（units_tree）某一天单元会在自己之上';
COMMENT ON FUNCTION regtarget.unit_tree_on(date) IS '任意一天的 unit_tree：调用者今天能看到的每个单元，当天在树中的位置。日期为空或无穷：22023';
COMMENT ON FUNCTION regtarget.check_successions() IS '触发器：单元不能以任何途径承接自己（23514，约束 successions_tree）；每次登记、修改、撤销承接都记入账本';
COMMENT ON FUNCTION regtarget.guard_successions() IS '触发器：承接的份额在 0 到 1 之间（23514，约束 successions_share_check）';
COMMENT ON TABLE regtarget.successions IS '哪个单元承接了已结束或分出一部分的单元：其被拒的记录随之而来，其首日之前的业绩按份额承接。单元不能以任何途径承接自己（23514）。';
COMMENT ON COLUMN regtarget.successions.unit_id IS '承接的单元';
COMMENT ON COLUMN regtarget.successions.predecessor_id IS '其记录与历史由该单元承接的单元';
COMMENT ON COLUMN regtarget.successions.share IS '承接前身历史的几成，0 到 1；被拒的记录则全部承接';
COMMENT ON TABLE regtarget.past_parents IS '单元移动之前归谁，以及将来的移动生效之前归谁；由 move_unit() 写入。任何一天树中都没有环（23514）';
COMMENT ON COLUMN regtarget.past_parents.unit_id IS '移动的单元';
COMMENT ON COLUMN regtarget.past_parents.until_on IS '此日之前（自该单元上一个 until_on 起）归该上级；最后一个 until_on 起以 units.parent_id 为准';
COMMENT ON COLUMN regtarget.past_parents.parent_id IS '此前的上级；空：当时在顶层';
COMMENT ON FUNCTION regtarget.check_months() IS '触发器：每个月都在其目标期之内（23514，约束 months_inside_period）';

COMMENT ON FUNCTION regtarget.add_year(int, date, text, int) IS
'加入一个财年的四个目标期（2025Q1 ……）和十二个月（2025-01 ……）。year：1 到 9999，用于命名；starts_on：第一天，不给则接上一财年，没有则为 1 月 1 日；pattern：calendar（自然月）或 4-4-5、4-5-4、5-4-4（周）；weeks：52，按周的可为 53，第 53 周归最后一个月。参数为空或有误报 22023，该年或其日期已存在报 23505 或 23P01。';

COMMENT ON VIEW regtarget.unit_tree IS '每个组织单元及其在树中的位置';
COMMENT ON COLUMN regtarget.unit_tree.unit_id IS '组织单元';
COMMENT ON COLUMN regtarget.unit_tree.unit IS '单元编码';
COMMENT ON COLUMN regtarget.unit_tree.name IS '单元名称';
COMMENT ON COLUMN regtarget.unit_tree.kind IS '单元种类，按录入：公司、大区、小组';
COMMENT ON COLUMN regtarget.unit_tree.parent_id IS '上级单元；根为空';
COMMENT ON COLUMN regtarget.unit_tree.parent IS '上级单元的编码；根为空';
COMMENT ON COLUMN regtarget.unit_tree.depth IS '根以下第几层；根为 0';
COMMENT ON COLUMN regtarget.unit_tree.path IS '从根到本单元的编码，以 / 分隔';
COMMENT ON COLUMN regtarget.unit_tree.region IS '本单元或其上级中最近的 kind 为 region 者的编码，没有则取根的下一层；不是大区的根为空';
COMMENT ON COLUMN regtarget.unit_tree.is_leaf IS '没有下级';
COMMENT ON COLUMN regtarget.unit_tree.opened_on IS '启用的第一天；空：一直存在';
COMMENT ON COLUMN regtarget.unit_tree.closed_on IS '启用的最后一天；空：仍在';

COMMENT ON VIEW regtarget.unit_ancestors IS '每个单元与其所有上级（含自己）的配对：看板的筛选条件连接这里';
COMMENT ON COLUMN regtarget.unit_ancestors.unit_id IS '组织单元';
COMMENT ON COLUMN regtarget.unit_ancestors.unit IS '单元编码';
COMMENT ON COLUMN regtarget.unit_ancestors.ancestor_id IS '单元自己或其上级';
COMMENT ON COLUMN regtarget.unit_ancestors.ancestor IS '上级的编码';
COMMENT ON COLUMN regtarget.unit_ancestors.ancestor_kind IS '上级的种类';
COMMENT ON COLUMN regtarget.unit_ancestors.distance IS '从单元向上几层；自己为 0';

COMMENT ON VIEW regtarget.calendar IS '每个月及其目标期、在本期目标中的权重';
COMMENT ON COLUMN regtarget.calendar.month IS '月的键';
COMMENT ON COLUMN regtarget.calendar.period IS '所属目标期的键';
COMMENT ON COLUMN regtarget.calendar.starts_on IS '本月第一天';
COMMENT ON COLUMN regtarget.calendar.ends_on IS '本月最后一天';
COMMENT ON COLUMN regtarget.calendar.days IS '本月天数';
COMMENT ON COLUMN regtarget.calendar.share IS '录入的占本期目标份额，0 到 1；空：没有录入';
COMMENT ON COLUMN regtarget.calendar.weight IS '占本期目标的部分，0 到 1：没填份额的月先按天数分剩下的，再除以合计；同期各月合计为 1';
COMMENT ON COLUMN regtarget.calendar.period_starts_on IS '目标期第一天';
COMMENT ON COLUMN regtarget.calendar.period_ends_on IS '目标期最后一天';
COMMENT ON COLUMN regtarget.calendar.is_current IS '今天（按政策的时区）在本月之内';

-- ---- facts ------------------------------------------------------------------------------------

COMMENT ON TABLE regtarget.customers IS '客户，每个客户属一个单元';
COMMENT ON COLUMN regtarget.customers.customer_id IS '主键；不给则自动生成';
COMMENT ON COLUMN regtarget.customers.source IS '数据来自哪个系统';
COMMENT ON COLUMN regtarget.customers.source_id IS '该系统中的键；与 source 合起来唯一，重复装载不会重复';
COMMENT ON COLUMN regtarget.customers.unit_id IS '所属单元';
COMMENT ON COLUMN regtarget.customers.name IS '名称';
COMMENT ON COLUMN regtarget.customers.acquired_on IS '成为客户的第一天；空：一直是';
COMMENT ON COLUMN regtarget.customers.churned_on IS '流失的第一天；空：仍是客户';

COMMENT ON TABLE regtarget.visits IS '客户拜访';
COMMENT ON COLUMN regtarget.visits.visit_id IS '主键；不给则自动生成';
COMMENT ON COLUMN regtarget.visits.source IS '数据来自哪个系统';
COMMENT ON COLUMN regtarget.visits.source_id IS '该系统中的键；与 source 合起来唯一，重复装载不会重复';
COMMENT ON COLUMN regtarget.visits.unit_id IS '计入的单元';
COMMENT ON COLUMN regtarget.visits.employee_id IS '谁去的，如已知';
COMMENT ON COLUMN regtarget.visits.customer_id IS '拜访谁，如已知';
COMMENT ON COLUMN regtarget.visits.visited_on IS '拜访日';

COMMENT ON TABLE regtarget.deals IS '商机：进行中、赢单、输单。关单后才计入，即 closed_on 和 won 都有值。';
COMMENT ON COLUMN regtarget.deals.deal_id IS '主键；不给则自动生成';
COMMENT ON COLUMN regtarget.deals.source IS '数据来自哪个系统';
COMMENT ON COLUMN regtarget.deals.source_id IS '该系统中的键；与 source 合起来唯一，重复装载不会重复';
COMMENT ON COLUMN regtarget.deals.unit_id IS '计入的单元';
COMMENT ON COLUMN regtarget.deals.employee_id IS '谁负责，如已知';
COMMENT ON COLUMN regtarget.deals.customer_id IS '哪个客户，如已知';
COMMENT ON COLUMN regtarget.deals.opened_on IS '开立日，如已知';
COMMENT ON COLUMN regtarget.deals.closed_on IS '赢单或输单之日，计入该日；空：进行中';
COMMENT ON COLUMN regtarget.deals.won IS '赢或输；空：进行中';
COMMENT ON COLUMN regtarget.deals.amount IS '金额，数据库统一币种；赢单时计入，空作 0';

COMMENT ON TABLE regtarget.revenues IS '财务入账收入';
COMMENT ON COLUMN regtarget.revenues.revenue_id IS '主键；不给则自动生成';
COMMENT ON COLUMN regtarget.revenues.source IS '数据来自哪个系统';
COMMENT ON COLUMN regtarget.revenues.source_id IS '该系统中的键；与 source 合起来唯一，重复装载不会重复';
COMMENT ON COLUMN regtarget.revenues.unit_id IS '计入的单元';
COMMENT ON COLUMN regtarget.revenues.employee_id IS '谁的业绩，如已知';
COMMENT ON COLUMN regtarget.revenues.customer_id IS '来自哪个客户，如已知';
COMMENT ON COLUMN regtarget.revenues.booked_on IS '入账日，计入该日';
COMMENT ON COLUMN regtarget.revenues.amount IS '金额，数据库统一币种；冲销为负';

COMMENT ON FUNCTION regtarget.is_computed_signal(text) IS
'该名称是否为计算得出的信号，因而不能录入 signals 表？';

COMMENT ON TABLE regtarget.signals IS '人工录入的单元数值：预估、倾斜、任何信号。计算信号的名称不能录入（23514，约束 signals_reserved）。';
COMMENT ON COLUMN regtarget.signals.unit_id IS '组织单元';
COMMENT ON COLUMN regtarget.signals.signal IS '信号名称，计算信号以外任意';
COMMENT ON COLUMN regtarget.signals.as_of IS '自该日起有效，直到后来的录入，或 signal_kinds.valid_days 到期';
COMMENT ON COLUMN regtarget.signals.value IS '数值，单位随信号；必须有限';
COMMENT ON COLUMN regtarget.signals.source IS '来源';

COMMENT ON TABLE regtarget.signal_kinds IS '录入信号如何汇总、有效多久。没有登记的信号不汇总，长期有效。';
COMMENT ON COLUMN regtarget.signal_kinds.signal IS '信号名称';
COMMENT ON COLUMN regtarget.signal_kinds.rollup IS 'sum 或 mean：自己没有值的单元如何由启用中的下级得出；空：不汇总';
COMMENT ON COLUMN regtarget.signal_kinds.valid_days IS '录入自 as_of 起有效天数；空：长期有效';

COMMENT ON TABLE regtarget.policies IS '按生效日记录的政策。目标期第一天生效的一行管该期，某日生效的一行管该日的信号。由 apply_profile() 填写。';
COMMENT ON COLUMN regtarget.policies.effective_from IS '生效第一天，到下一行生效前一天为止';
COMMENT ON COLUMN regtarget.policies.cap IS '目标额可偏离基线的幅度，上下相同，为基线的比例；0 到不足 1';
COMMENT ON COLUMN regtarget.policies.penalty_rate IS 'close_period() 写入信用记录的惩罚性加码比例：占建议值的比例，0 到不足 1';
COMMENT ON COLUMN regtarget.policies.penalty_quarters IS '连续几个被拒季度引起惩罚性加码；此后每多一个再罚一次';
COMMENT ON COLUMN regtarget.policies.silence_counts IS '目标期关闭时仍未决的下调申请是否视同被拒';
COMMENT ON COLUMN regtarget.policies.regret_days IS '申请后几天（每天 24 小时）内撤回且尚无人签字的，不计';
COMMENT ON COLUMN regtarget.policies.sign_levels IS '一份申请最多由几级上级会签，由近及远；空：全部';
COMMENT ON COLUMN regtarget.policies.sign_within_days IS '申请等待几天之后 adjustment_queue 标为逾期';
COMMENT ON COLUMN regtarget.policies.window_months IS '健康度看某日所在月之前的几个完整自然月';
COMMENT ON COLUMN regtarget.policies.min_coverage IS '指标权重至少已知多少才有健康度，0 到 1';
COMMENT ON COLUMN regtarget.policies.actuals IS '什么算完成：deals（赢单金额，按 closed_on）或 revenues（入账金额，按 booked_on）';
COMMENT ON COLUMN regtarget.policies.churn_days IS '几天不购买即为流失；空：只看 churned_on';
COMMENT ON COLUMN regtarget.policies.timezone IS '公司的日期和时钟所用时区；默认取录入该行的会话的时区';
COMMENT ON COLUMN regtarget.policies.currency IS '所有金额的币种（ISO 代码）；带其他币种符号、代码或名称的单元格会被拒';
COMMENT ON COLUMN regtarget.policies.decimal_comma IS '导入的文件是否用逗号作小数点（1.234,50）；否则用点。以导入当天的规则为准';
COMMENT ON COLUMN regtarget.policies.date_order IS '导入的文件里年在最后的日期怎么写：dmy（日月年）或 mdy（月日年）；空：不知道，这样的日期会被拒。以导入当天的规则为准';
COMMENT ON COLUMN regtarget.policies.memory IS 'actual_trailing 如何看过去：当日之前那一期占多少权重，其余由更早各期按同样办法分。大于 0，至多 1：只看那一期';

COMMENT ON FUNCTION regtarget.apply_profile(text, date) IS
'用方案模板的数值填写 metrics、factors、signal_kinds 和 effective_from 那天的政策，替换已有内容，并说明做了什么。profile：standard、fmcg 或 industrial（其他报 42704）；effective_from：有限日期，否则 22023。其他日期的政策保留。';
COMMENT ON FUNCTION regtarget.today() IS
'公司的今天：现在，按生效政策的时区；没有政策时按会话的时区';
COMMENT ON FUNCTION regtarget.translated(text) IS '扩展的一段文字，按 lc_messages 的语言给出；该语言没有译文，或数据库的编码没有这些字，则保持英文';
COMMENT ON FUNCTION regtarget.decimal_mark() IS '今天导入的文件以及各 …_in 视图里小数怎么写：当天规则的 decimal_comma 为真则用逗号，否则用点';
COMMENT ON FUNCTION regtarget.default_timezone() IS
'数据库的时区：ALTER DATABASE 所设，否则为本会话启动时的时区，与后来的设置无关。policies.timezone 的默认值。';
COMMENT ON FUNCTION regtarget.local_time(timestamptz) IS
'公司时钟显示的时刻：按生效政策的时区；没有政策时按会话的时区';

-- ---- activity ---------------------------------------------------------------------------------

COMMENT ON TABLE regtarget.activity_days IS '派生：每个单元自己每天的活动，由拜访、商机、收入计得，尚在 activity_deltas 中的除外。请通过视图 activity 读取。不在转储中：恢复时由触发器重新生成。';
COMMENT ON COLUMN regtarget.activity_days.unit_id IS '组织单元';
COMMENT ON COLUMN regtarget.activity_days.day IS '日期：visited_on、closed_on、booked_on';
COMMENT ON COLUMN regtarget.activity_days.visits IS '拜访数';
COMMENT ON COLUMN regtarget.activity_days.won IS '赢单数';
COMMENT ON COLUMN regtarget.activity_days.lost IS '输单数';
COMMENT ON COLUMN regtarget.activity_days.won_amount IS '赢单金额，精确值';
COMMENT ON COLUMN regtarget.activity_days.revenues IS '入账笔数';
COMMENT ON COLUMN regtarget.activity_days.revenue_amount IS '入账金额，精确值';

COMMENT ON TABLE regtarget.activity_months IS '派生：activity_days 按自然月的合计，始终与之相等';
COMMENT ON COLUMN regtarget.activity_months.unit_id IS '组织单元';
COMMENT ON COLUMN regtarget.activity_months.month IS '自然月的第一天';
COMMENT ON COLUMN regtarget.activity_months.visits IS '拜访数';
COMMENT ON COLUMN regtarget.activity_months.won IS '赢单数';
COMMENT ON COLUMN regtarget.activity_months.lost IS '输单数';
COMMENT ON COLUMN regtarget.activity_months.won_amount IS '赢单金额，精确值';
COMMENT ON COLUMN regtarget.activity_months.revenues IS '入账笔数';
COMMENT ON COLUMN regtarget.activity_months.revenue_amount IS '入账金额，精确值';

COMMENT ON TABLE regtarget.activity_deltas IS '派生：尚未并入 activity_days 和 activity_months 的变化。没有键，因为每次写入业务数据都在此追加。';
COMMENT ON COLUMN regtarget.activity_deltas.unit_id IS '组织单元';
COMMENT ON COLUMN regtarget.activity_deltas.day IS '日期：visited_on、closed_on、booked_on';
COMMENT ON COLUMN regtarget.activity_deltas.visits IS '拜访数的增减';
COMMENT ON COLUMN regtarget.activity_deltas.won IS '赢单数的增减';
COMMENT ON COLUMN regtarget.activity_deltas.lost IS '输单数的增减';
COMMENT ON COLUMN regtarget.activity_deltas.won_amount IS '赢单金额的增减';
COMMENT ON COLUMN regtarget.activity_deltas.revenues IS '入账笔数的增减';
COMMENT ON COLUMN regtarget.activity_deltas.revenue_amount IS '入账金额的增减';
COMMENT ON TABLE regtarget.source_days IS '派生：每个来源带来各类业务数据多少、涉及哪些日子，尚在 source_deltas 中等待的除外。请通过视图 data_freshness 读取。不在备份里：由触发器重新生成。';
COMMENT ON COLUMN regtarget.source_days.fact IS '表：customers、employees、visits、deals、revenues、signals';
COMMENT ON COLUMN regtarget.source_days.source IS '数据来自哪个系统；未注明时为空';
COMMENT ON COLUMN regtarget.source_days.day IS '日期：acquired_on、hired_on 和 left_on、visited_on、opened_on 和 closed_on、booked_on、as_of；没有日期的行为 0001-01-01';
COMMENT ON COLUMN regtarget.source_days.rows IS '以此为第一个日期的行数';
COMMENT ON COLUMN regtarget.source_days.dated IS '以此为其中一个日期的行数';
COMMENT ON TABLE regtarget.source_deltas IS '派生：尚未并入 source_days 的变化。没有键，因为每次写入业务数据都在此追加。';
COMMENT ON COLUMN regtarget.source_deltas.fact IS '业务数据表';
COMMENT ON COLUMN regtarget.source_deltas.source IS '数据来自哪个系统';
COMMENT ON COLUMN regtarget.source_deltas.day IS '日期；没有日期的行为 0001-01-01';
COMMENT ON COLUMN regtarget.source_deltas.rows IS '以此为第一个日期的行增加或减少多少';
COMMENT ON COLUMN regtarget.source_deltas.dated IS '以此为其中一个日期的行增加或减少多少';

COMMENT ON VIEW regtarget.activity IS '每个单元自己（不含下级）每天的活动，与现有的拜访、商机、收入一致';
COMMENT ON COLUMN regtarget.activity.unit_id IS '组织单元';
COMMENT ON COLUMN regtarget.activity.day IS '日期：visited_on、closed_on、booked_on';
COMMENT ON COLUMN regtarget.activity.visits IS '拜访数';
COMMENT ON COLUMN regtarget.activity.won IS '赢单数';
COMMENT ON COLUMN regtarget.activity.lost IS '输单数';
COMMENT ON COLUMN regtarget.activity.won_amount IS '赢单金额，数据库统一币种';
COMMENT ON COLUMN regtarget.activity.revenues IS '入账笔数';
COMMENT ON COLUMN regtarget.activity.revenue_amount IS '入账金额，数据库统一币种';

COMMENT ON FUNCTION regtarget.keep_activity() IS
'触发器，用于 visits、deals、revenues：把语句增减的内容计入其单元和日期的活动。';
COMMENT ON FUNCTION regtarget.keep_sources() IS 'customers、employees、signals 的触发器：把语句增加和拿走的计入各来源带来的数量；visits、deals、revenues 由 keep_activity() 计入。';
COMMENT ON FUNCTION regtarget.fold_activity() IS
'把所有等待中的活动变化并入按日和按月的合计，返回有多少条。写入者约每两万条变化会自行合并；其他功能都不依赖它。若另有合并正在进行则等待；在较早快照的事务中为 40001。';
COMMENT ON FUNCTION regtarget.rebuild_activity() IS
'由全部业务数据和 attached_days 重新计算活动，返回单元日的行数。不读附加的关系：那由 refresh_activity() 来做。用于触发器未触发时写入的业务数据（session_replication_role = replica、被停用的触发器）。写入业务数据者等到其事务结束，读者不受影响。REPEATABLE READ 及以上为 55000。';

-- ---- health -----------------------------------------------------------------------------------

COMMENT ON TABLE regtarget.metrics IS '哪些信号计入健康度，及其权重和两端取值。由 apply_profile() 填写。';
COMMENT ON COLUMN regtarget.metrics.metric IS '信号名称，录入或计算均可；不能是 health 本身';
COMMENT ON COLUMN regtarget.metrics.weight IS '权重；只看各指标之间的比例';
COMMENT ON COLUMN regtarget.metrics.worst IS '得 0 分的值，单位随信号；更差仍为 0 分';
COMMENT ON COLUMN regtarget.metrics.best IS '得 100 分的值；best < worst 则反向，越小越好';

COMMENT ON FUNCTION regtarget.health_score_add IS '聚合 health_score 的状态转移函数';
COMMENT ON FUNCTION regtarget.health_score_combine IS '聚合 health_score 的合并函数';
COMMENT ON FUNCTION regtarget.health_score_final IS '聚合 health_score 的终结函数';
COMMENT ON AGGREGATE regtarget.health_score(float8, float8, float8, float8) IS
'健康度，0 到 100：(value - worst) / (best - worst) 截到 0 至 1 后的加权平均 × 100。没有值的行不计；全都没有值或权重合计为 0 则为空。有值而两端或权重为空、worst = best、权重为负、NaN 或无穷报 22023；权重合计超出 float8 报 22003。';

COMMENT ON FUNCTION regtarget.unit_signals(date) IS
'某日每个单元的每个已知信号，计算的和录入的，按 unit_id 和 signal 排列；不知道的没有行。计算信号含所有下级，只用截至该日的数据。日期为空或无穷报 22023，当日没有生效政策报 55000。';
COMMENT ON FUNCTION regtarget.health_of_unit(int, date) IS '某单元某日的健康度，与 unit_health 相同，只读该单元及其下级；未知时以及看不到的单元为空。错误同 unit_health。';
COMMENT ON FUNCTION regtarget.unit_health(date) IS
'某日每个单元的健康度（0 到 100）、已知的指标权重占比（0 到 1），以及窗口各月的四项指标：人均月拜访数、赢单 / 关单、人均月产出、离职人数 / 平均人数。不知道为空；低于政策的 min_coverage 则健康度为空。日期为空或无穷报 22023，当日没有生效政策报 55000。';
COMMENT ON FUNCTION regtarget.health_row_of_unit(int, date) IS '某一单元某天在 unit_health 中的一行，只花该单元及其下级的代价；看不到的单元全为空。错误同 unit_health。';
COMMENT ON FUNCTION regtarget.health_rank_of_unit(int, date) IS '某一单元某天在同一上级之下按健康度的名次，同 health_ranking；没有健康度或看不到的单元为空。错误同 unit_health。';
COMMENT ON FUNCTION regtarget.health_ranking(date) IS
'unit_health 加上每个单元在树中的层次（根为 0）、按健康度在同一上级之下的名次（1 最好；同分同名次；没有健康度没有名次），以及一个月前的健康度和此后的变化。报错同 unit_health。';
COMMENT ON FUNCTION regtarget.health_points(date) IS
'每项指标为每个单元的健康度加了多少：取值和两端、所占权重（不知道为 0，其余各项相应加重）、已得分和还可得的分。已得分合计即健康度；健康度或取值不知道则为空。报错同 unit_health。';
COMMENT ON FUNCTION regtarget.calibrate_metrics(date) IS
'由历史提出指标两端取值的建议，不改动任何东西：没有下级的单元在最近十二个月（含 as_of 所在月）各月第一天的第 5 和第 95 百分位，方向与现有两端一致。这样的值不足 20 个时，有下级而不是根的单元也算。没有离散的指标不列出。报错同 unit_health。';

COMMENT ON VIEW regtarget.region_health IS '今天每个单元的健康度：得分、覆盖率、同级名次、比一个月前的变化，以及背后的四项指标';
COMMENT ON COLUMN regtarget.region_health.unit_id IS '组织单元';
COMMENT ON COLUMN regtarget.region_health.unit IS '单元编码';
COMMENT ON COLUMN regtarget.region_health.name IS '单元名称';
COMMENT ON COLUMN regtarget.region_health.kind IS '单元种类，按录入：公司、大区、小组';
COMMENT ON COLUMN regtarget.region_health.parent IS '上级单元的编码；根为空';
COMMENT ON COLUMN regtarget.region_health.depth IS '根以下第几层；根为 0';
COMMENT ON COLUMN regtarget.region_health.as_of IS '今天，按政策的时区';
COMMENT ON COLUMN regtarget.region_health.health IS '健康度，0 到 100；所知太少为空';
COMMENT ON COLUMN regtarget.region_health.coverage IS '已知的指标权重占比，0 到 1';
COMMENT ON COLUMN regtarget.region_health.rank IS '按健康度在同一上级之下的名次，1 最好；没有健康度为空';
COMMENT ON COLUMN regtarget.region_health.health_before IS '一个月前的健康度';
COMMENT ON COLUMN regtarget.region_health.change IS '比一个月前增加的分数（减少为负）';
COMMENT ON COLUMN regtarget.region_health.visits_per_head IS '窗口内平均每人每月的拜访数；不知道为空';
COMMENT ON COLUMN regtarget.region_health.conversion_rate IS '窗口内赢单 / 关单，0 到 1；不知道为空';
COMMENT ON COLUMN regtarget.region_health.output_per_head IS '窗口内平均每人每月的赢单金额，数据库统一币种；不知道为空';
COMMENT ON COLUMN regtarget.region_health.attrition_rate IS '窗口内离职人数 / 平均人数；不知道为空';
COMMENT ON COLUMN regtarget.region_health.alert_level IS '该单元未解除预警中的最高级别：red、yellow 或 blue；空：没有';

COMMENT ON VIEW regtarget.health_trend IS '每个单元在每个已开始且有生效政策的月的第一天的健康度';
COMMENT ON COLUMN regtarget.health_trend.unit_id IS '组织单元';
COMMENT ON COLUMN regtarget.health_trend.unit IS '单元编码';
COMMENT ON COLUMN regtarget.health_trend.name IS '单元名称';
COMMENT ON COLUMN regtarget.health_trend.month IS '月的键';
COMMENT ON COLUMN regtarget.health_trend.as_of IS '本月第一天：数值所属之日';
COMMENT ON COLUMN regtarget.health_trend.health IS '健康度，0 到 100；所知太少为空';
COMMENT ON COLUMN regtarget.health_trend.coverage IS '已知的指标权重占比，0 到 1';
COMMENT ON COLUMN regtarget.health_trend.visits_per_head IS '窗口内平均每人每月的拜访数；不知道为空';
COMMENT ON COLUMN regtarget.health_trend.conversion_rate IS '窗口内赢单 / 关单，0 到 1；不知道为空';
COMMENT ON COLUMN regtarget.health_trend.output_per_head IS '窗口内平均每人每月的赢单金额，数据库统一币种；不知道为空';
COMMENT ON COLUMN regtarget.health_trend.attrition_rate IS '窗口内离职人数 / 平均人数；不知道为空';
COMMENT ON COLUMN regtarget.health_trend.depth IS '目前在根以下第几层；根为 0';
COMMENT ON COLUMN regtarget.health_trend.region IS '目前所属大区的编码，见 unit_tree';
COMMENT ON COLUMN regtarget.health_trend.rank IS '同一上级之下按健康度的名次，1 为最好；没有健康度则空。要算读者当天看得到的所有单元及其同级的健康度：只看一个单元的曲线时不要取它';

COMMENT ON VIEW regtarget.health_breakdown IS '今天每个单元的健康度，逐项指标；已得分合计即健康度';
COMMENT ON COLUMN regtarget.health_breakdown.unit_id IS '组织单元';
COMMENT ON COLUMN regtarget.health_breakdown.unit IS '单元编码';
COMMENT ON COLUMN regtarget.health_breakdown.name IS '单元名称';
COMMENT ON COLUMN regtarget.health_breakdown.metric IS '计入的信号';
COMMENT ON COLUMN regtarget.health_breakdown.value IS '今天的值，单位随信号；不知道为空';
COMMENT ON COLUMN regtarget.health_breakdown.worst IS '得 0 分的值';
COMMENT ON COLUMN regtarget.health_breakdown.best IS '得 100 分的值';
COMMENT ON COLUMN regtarget.health_breakdown.weight IS '在此决定得分的份额，0 到 1：其权重 / 该单元所有已知指标的权重；不知道为 0，没有健康度为空';
COMMENT ON COLUMN regtarget.health_breakdown.points_gained IS '为健康度加的分；不知道为空';
COMMENT ON COLUMN regtarget.health_breakdown.points_lost IS '还可以加的分；不知道为空';

-- ---- apportion --------------------------------------------------------------------------------

COMMENT ON FUNCTION regtarget.apportion(numeric, float8, numeric, numeric, numeric) IS
'窗口函数：按 weight 的比例把 total 拆给分区各行，返回本行所得。每份都是 step 的倍数，合计恰好等于 total（带上下限的 Webster / Sainte-Lague 法，以整数判定；同分归靠前的行；与窗口框架无关）。total：不小于 0，step 的倍数，分区内唯一；weight：不小于 0，有限；step：大于 0，最多 12 位小数；at_least、at_most：本行下限和上限，向内取整到 step，空为无。参数为空、有误或互相矛盾，上下限无法满足（DETAIL 说明差多少），没有正权重，都报 22023；total 超过 10^16 个 step 报 22003；不带 OVER 报 0A000。';

-- ---- plans ------------------------------------------------------------------------------------

COMMENT ON TABLE regtarget.factors IS '总额按什么拆：信号，归入拆解因子。由 apply_profile() 填写。';
COMMENT ON COLUMN regtarget.factors.signal IS '信号名称，录入或计算均可；取值不能为负';
COMMENT ON COLUMN regtarget.factors.factor IS '所属拆解因子；空：自成一个同名因子';
COMMENT ON COLUMN regtarget.factors.weight IS '信号的权重，不小于 0；只看比例';
COMMENT ON COLUMN regtarget.factors.scaled_by IS '求份额前与取值相乘的信号，例如得分乘以 capacity；空：直接求份额';

COMMENT ON TABLE regtarget.bounds IS '正式方案和影子方案的护栏：单元至少和至多分得多少。约束建议值；两者相等即锁定。';
COMMENT ON COLUMN regtarget.bounds.period IS '目标期';
COMMENT ON COLUMN regtarget.bounds.unit_id IS '组织单元';
COMMENT ON COLUMN regtarget.bounds.at_least IS '下限，不小于 0，向上取整到方案的步长；空：无';
COMMENT ON COLUMN regtarget.bounds.at_most IS '上限，向下取整到方案的步长；空：无';

COMMENT ON TABLE regtarget.plans IS '目标方案：一个目标期的一个总额的一次拆解。由 allocate_targets() 生成，或手工录入（INSERT 只需 period、root_unit_id、total）；状态只经函数变动（55000）。';
COMMENT ON COLUMN regtarget.plans.plan_id IS '主键；不给则自动生成';
COMMENT ON COLUMN regtarget.plans.period IS '目标期';
COMMENT ON COLUMN regtarget.plans.root_unit_id IS '最上面的单元，其目标即总额';
COMMENT ON COLUMN regtarget.plans.mode IS 'live：正式，可发布；shadow：影子模式，与正式并行；sandbox：模拟沙盘，没有上下限和惩罚性加码';
COMMENT ON COLUMN regtarget.plans.label IS '名称，区分同期、同模式、同根的方案';
COMMENT ON COLUMN regtarget.plans.status IS 'draft 草案、proposed 已提出、published 已发布、closed 已关闭';
COMMENT ON COLUMN regtarget.plans.total IS '拆解的总额；0 到不足 10^15，步长的倍数';
COMMENT ON COLUMN regtarget.plans.step IS '步长：方案中每个金额都是它的倍数；不小于 0.0001，且为 0.0001 的倍数';
COMMENT ON COLUMN regtarget.plans.cap IS '目标额可偏离基线的幅度，比例：取目标期第一天生效政策的值，INSERT 写什么都不算';
COMMENT ON COLUMN regtarget.plans.created_by IS '由哪个角色生成';
COMMENT ON COLUMN regtarget.plans.created_at IS '何时生成；重新拆解不改。只有所有者可写';
COMMENT ON COLUMN regtarget.plans.published_at IS '何时发布；未发布为空';
COMMENT ON COLUMN regtarget.plans.rules IS '拆解当时所依规则：政策、因子、上下限；手工方案为空';
COMMENT ON COLUMN regtarget.plans.late IS '影子方案：最近一次拆解是否晚于目标期第一天（按政策的时区），晚了就不计入任何结论；正式方案、沙盘、手工输入或改动过的影子方案为空，后者同样不计入';
COMMENT ON COLUMN regtarget.plans.revealed_at IS '影子方案：reveal_shadow() 何时公开；只有目标规划能看到时为空';

COMMENT ON TABLE regtarget.plan_basis IS '拆解的依据：每个上级、每个信号一行，下级按同一次序放在数组里。经 target_basis 读取。';
COMMENT ON COLUMN regtarget.plan_basis.plan_id IS '目标方案';
COMMENT ON COLUMN regtarget.plan_basis.parent_unit_id IS '被拆解基线的上级';
COMMENT ON COLUMN regtarget.plan_basis.signal IS '信号';
COMMENT ON COLUMN regtarget.plan_basis.factor IS '所属拆解因子';
COMMENT ON COLUMN regtarget.plan_basis.weight IS '在这些下级中的有效权重；各信号合计为 1';
COMMENT ON COLUMN regtarget.plan_basis.unit_ids IS '各下级，按 unit_id 排列';
COMMENT ON COLUMN regtarget.plan_basis."values" IS '各下级的取值，空缺已补';
COMMENT ON COLUMN regtarget.plan_basis.imputed IS '取值或规模是由同级补的';
COMMENT ON COLUMN regtarget.plan_basis.scales IS '各下级的规模，空缺已补；空：直接求份额';
COMMENT ON COLUMN regtarget.plan_basis.shares IS '各下级的份额，0 到 1：取值 × 规模 / 合计';
COMMENT ON TABLE regtarget.plan_bounds IS '拆解时遵守的上下限：制定方案时该季度、方案内各单元的上下限。每个单元一行，谁也看不到别人的。';
COMMENT ON COLUMN regtarget.plan_bounds.plan_id IS '目标方案';
COMMENT ON COLUMN regtarget.plan_bounds.unit_id IS '组织单元';
COMMENT ON COLUMN regtarget.plan_bounds.at_least IS '录入的下限；空：没有';
COMMENT ON COLUMN regtarget.plan_bounds.at_most IS '录入的上限；空：没有';

COMMENT ON FUNCTION regtarget.guard_plans() IS
'触发器：方案从草案开始，cap 取自政策，记下生成者；草案只有 total 和 label 可手工修改（影子方案因此不再算记录在案），其余由函数写；已发布的不能删除（55000），已公开的影子方案，以及目标期已开始的按时生成的影子方案，不能手改，也不能删除；删除草案连同其目标';

COMMENT ON FUNCTION regtarget.allocate_targets(text, numeric, text, text, numeric, jsonb, text) IS
'把 total 拆给 root 以下的整棵树，重写该目标期、模式、根、名称的草案（沙盘则每次新建），返回各目标，上级在前。period：键；total：不小于 0，小于 10^15，步长的倍数；mode：live、shadow、sandbox；root：编码，空为唯一没有上级的单元；step：步长，0.0001 或其倍数；factors：{"health": 0.6, "potential": 0.4}，没写的不用，空则按 factors 表；label：任意名称。信号取目标期第一天的值。未知的目标期或根报 42704；参数有误、负值、上下限无法满足、没有可依据的信号报 22023；没有政策，或单元本期已发布（live）报 55000；超出范围报 22003。';
COMMENT ON FUNCTION regtarget.preview_targets(text, numeric, text, text, numeric, jsonb) IS
'同样的参数，allocate_targets() 会得出什么，不写入任何东西；已发布的目标期也可以。报错相同。';
COMMENT ON FUNCTION regtarget.propose_plan(bigint) IS
'把正式草案标为已提出；重新拆解又变回草案。未知方案报 42704，不是 live 报 22023，不是草案报 55000。';
COMMENT ON FUNCTION regtarget.publish_plan(bigint) IS
'冻结一个正式方案（草案或已提出）。先检查：有目标、组织树仍是目标期首日的、单元当日都在营、没有跳过中间的单元（同级与其下级都在方案中而它不在）、单元不在其他已发布方案中、上一期若有方案和申请则已关闭、惩罚性加码与信用相符、下级合计等于上级、最上层合计等于总额。未知方案报 42704，不是 live 报 22023，不成立者报 55000（DETAIL 指出第一处）。';

COMMENT ON VIEW regtarget.plan_board IS '每个方案：拆了什么、多少单元、何人、何时、什么状态';
COMMENT ON COLUMN regtarget.plan_board.plan_id IS '目标方案';
COMMENT ON COLUMN regtarget.plan_board.period IS '目标期的键';
COMMENT ON COLUMN regtarget.plan_board.mode IS 'live、shadow 或 sandbox';
COMMENT ON COLUMN regtarget.plan_board.label IS '区别于其他方案的名称';
COMMENT ON COLUMN regtarget.plan_board.status IS 'draft 草案、proposed 已提出、published 已发布、closed 已关闭';
COMMENT ON COLUMN regtarget.plan_board.root_unit_id IS '最上面的单元';
COMMENT ON COLUMN regtarget.plan_board.root IS '最上面的单元的编码';
COMMENT ON COLUMN regtarget.plan_board.total IS '拆解的总额，数据库统一币种';
COMMENT ON COLUMN regtarget.plan_board.units IS '有目标的单元数';
COMMENT ON COLUMN regtarget.plan_board.penalty IS '惩罚性加码合计：超出总额分解的部分';
COMMENT ON COLUMN regtarget.plan_board.step IS '步长：每个金额都是它的倍数';
COMMENT ON COLUMN regtarget.plan_board.cap IS '目标额可偏离基线的幅度，比例';
COMMENT ON COLUMN regtarget.plan_board.created_by IS '由哪个角色生成';
COMMENT ON COLUMN regtarget.plan_board.created_at IS '何时生成，按政策的时区';
COMMENT ON COLUMN regtarget.plan_board.published_at IS '何时发布，按政策的时区；未发布为空';
COMMENT ON COLUMN regtarget.plan_board.is_current IS '今天在本期之内';
COMMENT ON COLUMN regtarget.plan_board.starts_on IS '目标期第一天';
COMMENT ON COLUMN regtarget.plan_board.ends_on IS '目标期最后一天';
COMMENT ON COLUMN regtarget.plan_board.late IS '影子方案：晚于目标期第一天才拆解，不计入任何结论；其他方案、手工输入或改动过的为空';
COMMENT ON COLUMN regtarget.plan_board.revealed_at IS '影子方案：何时公开，按政策的时区；只有目标规划能看到时为空';

COMMENT ON VIEW regtarget.plan_balance IS '超额分解一目了然：每个方案、每个上级，下级目标额合计超出上级多少，为什么';
COMMENT ON COLUMN regtarget.plan_balance.plan_id IS '目标方案';
COMMENT ON COLUMN regtarget.plan_balance.period IS '目标期的键';
COMMENT ON COLUMN regtarget.plan_balance.mode IS 'live、shadow 或 sandbox';
COMMENT ON COLUMN regtarget.plan_balance.status IS 'draft 草案、proposed 已提出、published 已发布、closed 已关闭';
COMMENT ON COLUMN regtarget.plan_balance.unit_id IS '上级单元';
COMMENT ON COLUMN regtarget.plan_balance.unit IS '上级单元的编码';
COMMENT ON COLUMN regtarget.plan_balance.amount IS '上级的目标额';
COMMENT ON COLUMN regtarget.plan_balance.children IS '方案中的下级个数';
COMMENT ON COLUMN regtarget.plan_balance.children_amount IS '下级目标额合计';
COMMENT ON COLUMN regtarget.plan_balance.difference IS 'children_amount - amount：以下三项之和';
COMMENT ON COLUMN regtarget.plan_balance.from_penalty IS '来自下级的惩罚性加码';
COMMENT ON COLUMN regtarget.plan_balance.from_adjustment IS '来自调节：下级目标额偏离基线之和，减去上级的偏离';
COMMENT ON COLUMN regtarget.plan_balance.from_rounding IS '下级建议值合计减上级基线：拆解所得或已发布的方案为 0';
COMMENT ON COLUMN regtarget.plan_balance.penalty IS '上级自己的惩罚性加码：在方案的根处，即向下分解之前就超出总额的部分';
COMMENT ON COLUMN regtarget.plan_balance.name IS '上级单元的名称';
COMMENT ON COLUMN regtarget.plan_balance.region IS '在方案中所属大区的编码，见 target_board';
COMMENT ON COLUMN regtarget.plan_balance.depth IS '在方案中根以下第几层；根为 0';

-- ---- targets ----------------------------------------------------------------------------------

COMMENT ON TABLE regtarget.targets IS '每个单元在方案中的目标。草案中除 suggested 外都由触发器算出；发布后只有 amount 可变，按步长，在调整幅度上限之内。';
COMMENT ON COLUMN regtarget.targets.target_id IS '主键；不给则自动生成';
COMMENT ON COLUMN regtarget.targets.plan_id IS '目标方案';
COMMENT ON COLUMN regtarget.targets.unit_id IS '组织单元：方案的根或其下级，本期启用；每个方案一次';
COMMENT ON COLUMN regtarget.targets.parent_unit_id IS '生成方案时的上级；方案的根为空';
COMMENT ON COLUMN regtarget.targets.period IS '方案的目标期';
COMMENT ON COLUMN regtarget.targets.suggested IS '建议值：拆解所得或手工录入；0 到不足 10^15，步长的倍数';
COMMENT ON COLUMN regtarget.targets.penalty IS '惩罚性加码：建议值 × 信用记录的 penalty_rate，四舍五入到步长；沙盘为 0';
COMMENT ON COLUMN regtarget.targets.baseline IS '基线：建议值 + 惩罚性加码，调整幅度上限由此量起';
COMMENT ON COLUMN regtarget.targets.amount IS '目标额：起初等于基线；|amount - baseline| ≤ cap × baseline（23514，约束 targets_cap）';
COMMENT ON COLUMN regtarget.targets.cap IS '方案的调整幅度上限，比例';

COMMENT ON FUNCTION regtarget.guard_targets() IS
'触发器：草案中由 suggested 算出其余各列，手改的影子方案不再算记录在案（已公开的，以及目标期已开始的按时生成的，不能手改：55000）；已发布的只许 amount 变动，按步长（22023），在调整幅度上限之内（23514）；否则 55000';
COMMENT ON FUNCTION regtarget.check_target_units() IS
'触发器：语句结束时，其各行所指的单元都存在，也没有人正在删除';
COMMENT ON FUNCTION regtarget.explain_target(text, text, bigint) IS
'一个目标的推导，从总额到目标额，一步一行；最后一行的 amount 即 targets.amount。途中每个单元：各信号贡献多少（权重 × 份额 × 上级可拆的金额，四位小数）、建议值、惩罚性加码、基线。unit：编码；period：键；plan_id：空为已发布的正式方案，没有则最新的正式草案。没有这样的目标报 42704。';
COMMENT ON FUNCTION regtarget.months_of_target(text, numeric, numeric) IS '把一个金额精确分到某目标期的各月，均为步长的整数倍；即视图 target_months 的各行';
COMMENT ON FUNCTION regtarget.due_of_target(text, numeric, numeric, date) IS '某目标期各月到某日（含）对一个金额应完成多少，进行中的月份按天计；该目标期没有月份时为空';
COMMENT ON FUNCTION regtarget.month_of_target(text, numeric, numeric, date) IS '从某日开始的那个月在一个金额中应完成多少，同 months_of_target；该目标期没有从这天开始的月份时为空';
COMMENT ON FUNCTION regtarget.actuals_of_unit(int, text, date) IS '某单元及其所有下级在某目标期的实际完成，以及其中到某日（含）为止的部分；看不到的单元为空。错误：42704 目标期不存在；55000 没有生效的政策。';
COMMENT ON FUNCTION regtarget.actuals_of_span(int, text, date, date, date) IS '某单元及其所有下级从某日到某日按该目标期口径的实际完成，以及其中到某日（含）为止的部分；看不到的单元为空。错误：42704 目标期不存在；55000 没有生效的政策。';
COMMENT ON FUNCTION regtarget.targets_due(date) IS
'某日所在目标期的已发布正式目标，截至该日（含）应完成多少：整月全计，进行中的月按天数';
COMMENT ON FUNCTION regtarget.period_actuals(text, date) IS
'每个单元及其所有下级在目标期内完成多少，没有为 0：赢单按 closed_on，或收入按 booked_on，由目标期第一天的政策决定。未知的目标期报 42704，没有政策报 55000。';

COMMENT ON VIEW regtarget.target_basis IS '建议值从何而来：每个目标、每个计入的信号一行。独生下级没有。';
COMMENT ON COLUMN regtarget.target_basis.target_id IS '目标';
COMMENT ON COLUMN regtarget.target_basis.signal IS '信号';
COMMENT ON COLUMN regtarget.target_basis.factor IS '所属拆解因子';
COMMENT ON COLUMN regtarget.target_basis.value IS '目标期第一天的取值，单位随信号；imputed 时为补的值';
COMMENT ON COLUMN regtarget.target_basis.imputed IS '取值或规模是由同级补的';
COMMENT ON COLUMN regtarget.target_basis.scale IS '与取值相乘的规模；空：直接求份额';
COMMENT ON COLUMN regtarget.target_basis.share IS '取值 × 规模 / 同级合计，0 到 1';
COMMENT ON COLUMN regtarget.target_basis.weight IS '在同级中的有效权重，0 到 1；一个目标的各信号合计为 1';
COMMENT ON COLUMN regtarget.target_basis.plan_id IS '目标方案';
COMMENT ON COLUMN regtarget.target_basis.unit_id IS '组织单元';

COMMENT ON VIEW regtarget.target_breakdown IS 'target_basis 加上名称和文字';
COMMENT ON COLUMN regtarget.target_breakdown.target_id IS '目标';
COMMENT ON COLUMN regtarget.target_breakdown.plan_id IS '目标方案';
COMMENT ON COLUMN regtarget.target_breakdown.period IS '目标期的键';
COMMENT ON COLUMN regtarget.target_breakdown.unit_id IS '组织单元';
COMMENT ON COLUMN regtarget.target_breakdown.unit IS '单元编码';
COMMENT ON COLUMN regtarget.target_breakdown.name IS '单元名称';
COMMENT ON COLUMN regtarget.target_breakdown.factor IS '拆解因子';
COMMENT ON COLUMN regtarget.target_breakdown.signal IS '信号';
COMMENT ON COLUMN regtarget.target_breakdown.weight IS '在同级中的有效权重，0 到 1';
COMMENT ON COLUMN regtarget.target_breakdown.share IS '取值 × 规模 / 同级合计，0 到 1';
COMMENT ON COLUMN regtarget.target_breakdown.part IS '权重 × 份额：占上级可拆金额的部分，0 到 1';
COMMENT ON COLUMN regtarget.target_breakdown.words IS '同样内容的一句话（英文）';

COMMENT ON VIEW regtarget.target_months IS '每个目标分到目标期各月，分毫不差：按 calendar.weight 以方案的步长拆分';
COMMENT ON COLUMN regtarget.target_months.target_id IS '目标';
COMMENT ON COLUMN regtarget.target_months.plan_id IS '目标方案';
COMMENT ON COLUMN regtarget.target_months.unit_id IS '组织单元';
COMMENT ON COLUMN regtarget.target_months.unit IS '单元编码';
COMMENT ON COLUMN regtarget.target_months.period IS '目标期的键';
COMMENT ON COLUMN regtarget.target_months.month IS '月的键';
COMMENT ON COLUMN regtarget.target_months.starts_on IS '本月第一天';
COMMENT ON COLUMN regtarget.target_months.ends_on IS '本月最后一天';
COMMENT ON COLUMN regtarget.target_months.days IS '本月天数';
COMMENT ON COLUMN regtarget.target_months.amount IS '目标额在本月的部分；各月合计即目标额';
COMMENT ON COLUMN regtarget.target_months.mode IS 'live、shadow 或 sandbox：对所有方案求和会重复计月';
COMMENT ON COLUMN regtarget.target_months.status IS '方案的状态：draft、proposed、published 或 closed';
COMMENT ON COLUMN regtarget.target_months.name IS '单元名称';
COMMENT ON COLUMN regtarget.target_months.region IS '在方案中所属大区的编码，见 target_board';
COMMENT ON COLUMN regtarget.target_months.depth IS '在方案中根以下第几层；根为 0';
COMMENT ON COLUMN regtarget.target_months.is_leaf IS '方案中没有目标在其下：只对它们求和，上级已含下级';
COMMENT ON COLUMN regtarget.target_months.actual IS '本单元及所有下级在本月的完成额';
COMMENT ON COLUMN regtarget.target_months.pace IS '本月截至今天（含）的完成额 / 本月届时应完成额，按天数；本月未到或金额为 0 则空';
COMMENT ON COLUMN regtarget.target_months.is_current IS '今天在本月之内';
COMMENT ON COLUMN regtarget.target_months.step IS '该方案所有金额都是它的倍数：值得显示几位小数';

COMMENT ON VIEW regtarget.month_board IS '已发布的正式目标按月与完成情况：每个单元、每个月一行';
COMMENT ON COLUMN regtarget.month_board.target_id IS '目标';
COMMENT ON COLUMN regtarget.month_board.plan_id IS '目标方案';
COMMENT ON COLUMN regtarget.month_board.status IS 'published 已发布或 closed 已关闭';
COMMENT ON COLUMN regtarget.month_board.period IS '目标期的键';
COMMENT ON COLUMN regtarget.month_board.month IS '月的键';
COMMENT ON COLUMN regtarget.month_board.starts_on IS '本月第一天';
COMMENT ON COLUMN regtarget.month_board.ends_on IS '本月最后一天';
COMMENT ON COLUMN regtarget.month_board.days IS '本月天数';
COMMENT ON COLUMN regtarget.month_board.is_current IS '今天在本月之内';
COMMENT ON COLUMN regtarget.month_board.unit_id IS '组织单元';
COMMENT ON COLUMN regtarget.month_board.unit IS '单元编码';
COMMENT ON COLUMN regtarget.month_board.name IS '单元名称';
COMMENT ON COLUMN regtarget.month_board.region IS '在方案中所属大区的编码，见 target_board';
COMMENT ON COLUMN regtarget.month_board.depth IS '在方案中根以下第几层；根为 0';
COMMENT ON COLUMN regtarget.month_board.is_leaf IS '方案中没有目标在其下：只对它们求和，上级已含下级';
COMMENT ON COLUMN regtarget.month_board.amount IS '目标额在本月的部分';
COMMENT ON COLUMN regtarget.month_board.actual IS '本单元及所有下级在本月的完成额';
COMMENT ON COLUMN regtarget.month_board.pace IS '本月截至今天（含）的完成额 / 本月届时应完成额；本月未到或金额为 0 则空';
COMMENT ON COLUMN regtarget.month_board.step IS '该方案所有金额都是它的倍数：值得显示几位小数';

COMMENT ON VIEW regtarget.target_board IS '正式目标与完成情况，每个单元、每个目标期一行：已发布的，没有则最新正式草案的';
COMMENT ON COLUMN regtarget.target_board.target_id IS '目标';
COMMENT ON COLUMN regtarget.target_board.plan_id IS '目标方案';
COMMENT ON COLUMN regtarget.target_board.status IS '方案的状态：draft、proposed、published 或 closed';
COMMENT ON COLUMN regtarget.target_board.period IS '目标期的键';
COMMENT ON COLUMN regtarget.target_board.unit_id IS '组织单元';
COMMENT ON COLUMN regtarget.target_board.unit IS '单元编码';
COMMENT ON COLUMN regtarget.target_board.name IS '单元名称';
COMMENT ON COLUMN regtarget.target_board.kind IS '单元种类，按录入';
COMMENT ON COLUMN regtarget.target_board.parent IS '在方案中的上级单元的编码：单元移动后方案的树不变，直到 move_target()；根为空';
COMMENT ON COLUMN regtarget.target_board.region IS '在方案中所属大区的编码：在方案里本单元或其上级中最近的 kind 为 region 者，没有则取根的下一层';
COMMENT ON COLUMN regtarget.target_board.depth IS '在方案中根以下第几层；根为 0';
COMMENT ON COLUMN regtarget.target_board.is_leaf IS '方案中没有目标在其下：只对它们求和，上级已含下级';
COMMENT ON COLUMN regtarget.target_board.suggested IS '建议值：拆解所得';
COMMENT ON COLUMN regtarget.target_board.penalty IS '惩罚性加码：信用记录所加';
COMMENT ON COLUMN regtarget.target_board.baseline IS '基线：建议值 + 惩罚性加码';
COMMENT ON COLUMN regtarget.target_board.amount IS '目前的目标额';
COMMENT ON COLUMN regtarget.target_board.actual IS '本单元及所有下级在本期的完成额';
COMMENT ON COLUMN regtarget.target_board.attainment IS '完成率：完成额 / 目标额，1 为全部完成；目标为 0 则空';
COMMENT ON COLUMN regtarget.target_board.pace IS '序时进度达成率：完成额 / 各月截至今天（含）应完成额，进行中的月按天数；尚无应完成额则空';
COMMENT ON COLUMN regtarget.target_board.forecast IS '按此序时进度达成率推算到期末的结果：序时进度达成率 × 目标额；没有序时进度达成率则空';
COMMENT ON COLUMN regtarget.target_board.gap IS '目标额 - 完成额；超额完成为负';
COMMENT ON COLUMN regtarget.target_board.room_up IS '调整幅度上限之内还可上调多少，整步长';
COMMENT ON COLUMN regtarget.target_board.room_down IS '调整幅度上限之内还可下调多少，整步长';
COMMENT ON COLUMN regtarget.target_board.is_current IS '今天在本期之内';
COMMENT ON COLUMN regtarget.target_board.starts_on IS '目标期第一天';
COMMENT ON COLUMN regtarget.target_board.ends_on IS '目标期最后一天';
COMMENT ON COLUMN regtarget.target_board.step IS '该方案所有金额都是它的倍数：值得显示几位小数';
COMMENT ON COLUMN regtarget.target_board.alert_level IS '该单元未解除预警中的最高级别：red、yellow 或 blue；空：没有';

-- ---- valve ------------------------------------------------------------------------------------

-- alerts
COMMENT ON TABLE regtarget.alert_rules IS '预警规则：升、降、低于、高于的信号，或某类市场事件。由 apply_profile() 填入，可改可加';
COMMENT ON COLUMN regtarget.alert_rules.rule IS '规则名';
COMMENT ON COLUMN regtarget.alert_rules.level IS 'red、yellow 或 blue（红、黄、蓝）';
COMMENT ON COLUMN regtarget.alert_rules.signal IS '所看的信号，计算的或录入的；空：看事件';
COMMENT ON COLUMN regtarget.alert_rules.event_kind IS '立即引发预警的市场事件类别；空：看信号';
COMMENT ON COLUMN regtarget.alert_rules.compare IS 'rise、fall：与一个时段之前的值相比；below、above：看当天的值';
COMMENT ON COLUMN regtarget.alert_rules.threshold IS '升降至少多少（含等于），或低于、高于什么';
COMMENT ON COLUMN regtarget.alert_rules.relative IS '升降按之前值的比例（0.20 为百分之二十），否则按信号本身的点数';
COMMENT ON COLUMN regtarget.alert_rules.span IS '升降的时段：week 或 month';
COMMENT ON COLUMN regtarget.alert_rules.spans IS '几个时段；周流失为这么多个整周合计';
COMMENT ON COLUMN regtarget.alert_rules.min_count IS '所判时段内至少流失几个客户；只用于周流失';
COMMENT ON COLUMN regtarget.alert_rules.after_share IS '目标期过去这一比例之后才判断';
COMMENT ON COLUMN regtarget.alert_rules.leading_only IS '只看头部竞品的事件；未列出头部竞品时看任何竞品';
COMMENT ON COLUMN regtarget.alert_rules.unit_kind IS '只看这类单元；空：全部';
COMMENT ON COLUMN regtarget.alert_rules.certainty IS '周流失预警的把握低于此值则不开目标重审；空：不要求';
COMMENT ON COLUMN regtarget.alert_rules.cooldown_days IS '预警之后这么多天内，该规则对该单元不再响';
COMMENT ON COLUMN regtarget.alert_rules.opens_review IS '预警是否开启该单元的目标重审';
COMMENT ON COLUMN regtarget.alert_rules.enabled IS '规则是否生效';
COMMENT ON TABLE regtarget.competitors IS '竞品，名称与市场事件中的一致';
COMMENT ON COLUMN regtarget.competitors.name IS '名称：其事件的主体';
COMMENT ON COLUMN regtarget.competitors."leading" IS '是否头部竞品';
COMMENT ON TABLE regtarget.silences IS '静默期：某规则、某单元及其下级的预警在这些天不发通知，但照样产生';
COMMENT ON COLUMN regtarget.silences.silence_id IS '键';
COMMENT ON COLUMN regtarget.silences.rule IS '规则；空：全部';
COMMENT ON COLUMN regtarget.silences.unit_id IS '单元及其所有下级；空：全部';
COMMENT ON COLUMN regtarget.silences.during IS '起止日，最多 92 天';
COMMENT ON COLUMN regtarget.silences.comment IS '原因';
COMMENT ON COLUMN regtarget.silences.made_by IS '设置的角色';
COMMENT ON TABLE regtarget.market_events IS '市场事件：report_event()、confirm_event()。只由函数写入';
COMMENT ON COLUMN regtarget.market_events.event_id IS '键';
COMMENT ON COLUMN regtarget.market_events.unit_id IS '单元；空：所有单元';
COMMENT ON COLUMN regtarget.market_events.kind IS '类别，规则据此判断：competitor_promotion、competitor_price_cut、policy_change，或自定';
COMMENT ON COLUMN regtarget.market_events.subject IS '谁或什么：竞品名称、某项政策';
COMMENT ON COLUMN regtarget.market_events.happened_on IS '日期';
COMMENT ON COLUMN regtarget.market_events.note IS '补充说明';
COMMENT ON COLUMN regtarget.market_events.reported_by IS '上报的角色';
COMMENT ON COLUMN regtarget.market_events.reported_at IS '上报时间';
COMMENT ON COLUMN regtarget.market_events.confirmed_by IS '上报或确认的目标规划；空：等待确认';
COMMENT ON COLUMN regtarget.market_events.source IS '来自哪份清单：market_events_in；空：report_event()';
COMMENT ON TABLE regtarget.alerts IS '预警：规则与单元每持续一段为一行。只由函数写入';
COMMENT ON COLUMN regtarget.alerts.alert_id IS '键';
COMMENT ON COLUMN regtarget.alerts.rule IS '引发它的规则';
COMMENT ON COLUMN regtarget.alerts.level IS 'red、yellow 或 blue，按当时的规则';
COMMENT ON COLUMN regtarget.alerts.unit_id IS '单元';
COMMENT ON COLUMN regtarget.alerts.on_day IS '日期：周流失为该周之后的周一，否则为所判之日或事件之日';
COMMENT ON COLUMN regtarget.alerts.event_id IS '引发它的市场事件；空：扫描';
COMMENT ON COLUMN regtarget.alerts.value_before IS '信号之前的值；空：未作比较';
COMMENT ON COLUMN regtarget.alerts.value_after IS '信号的值';
COMMENT ON COLUMN regtarget.alerts.certainty IS '周流失的把握：偏离正常波动几个标准差；空：未知';
COMMENT ON COLUMN regtarget.alerts.status IS 'firing（响起）、acknowledged（已知悉）或 resolved（已解除）';
COMMENT ON COLUMN regtarget.alerts.acknowledged_by IS '已知悉的角色';
COMMENT ON COLUMN regtarget.alerts.acknowledged_at IS '知悉时间';
COMMENT ON COLUMN regtarget.alerts.comment IS '该角色的说明';
COMMENT ON COLUMN regtarget.alerts.resolved_on IS '其后首次判断不再成立之日，或其重审结束之日';
COMMENT ON COLUMN regtarget.alerts.covered_by IS '上级大区同一规则的预警，由它代表；空：无';
COMMENT ON COLUMN regtarget.alerts.no_data_since IS '从哪天起没有可据以判断的业务数据；空：有';
COMMENT ON TABLE regtarget.reviews IS '预警开启的目标重审：每个单元至多一个未决，由上级决定 keep 或 adjust。只由函数写入';
COMMENT ON COLUMN regtarget.reviews.review_id IS '键';
COMMENT ON COLUMN regtarget.reviews.alert_id IS '开启它的预警';
COMMENT ON COLUMN regtarget.reviews.unit_id IS '目标被重审的单元';
COMMENT ON COLUMN regtarget.reviews.due_on IS '上级决定的期限';
COMMENT ON COLUMN regtarget.reviews.status IS 'open（未决）或 closed（已结）';
COMMENT ON COLUMN regtarget.reviews.decision IS 'keep（维持）或 adjust（可调，给该单元多一次申请）';
COMMENT ON COLUMN regtarget.reviews.comment IS '原因';
COMMENT ON COLUMN regtarget.reviews.closed_by IS '作决定的角色';
COMMENT ON COLUMN regtarget.reviews.closed_at IS '决定时间';
COMMENT ON COLUMN regtarget.reviews.adjustment_id IS '对应的调节申请；空：尚无';
COMMENT ON COLUMN regtarget.reviews.certainty IS '开启时其预警的把握，可能晚于预警触发之时；空：不知道，或与流失无关';
COMMENT ON VIEW regtarget.alert_log IS '所有预警';
COMMENT ON COLUMN regtarget.alert_log.alert_id IS '预警';
COMMENT ON COLUMN regtarget.alert_log.unit_id IS '单元';
COMMENT ON COLUMN regtarget.alert_log.unit IS '单元代码';
COMMENT ON COLUMN regtarget.alert_log.name IS '单元名称';
COMMENT ON COLUMN regtarget.alert_log.rule IS '引发它的规则';
COMMENT ON COLUMN regtarget.alert_log.level IS 'red、yellow 或 blue（红、黄、蓝）';
COMMENT ON COLUMN regtarget.alert_log.on_day IS '日期';
COMMENT ON COLUMN regtarget.alert_log.status IS 'firing（响起）、acknowledged（已知悉）或 resolved（已解除）';
COMMENT ON COLUMN regtarget.alert_log.value_before IS '信号之前的值';
COMMENT ON COLUMN regtarget.alert_log.value_after IS '信号的值';
COMMENT ON COLUMN regtarget.alert_log.certainty IS '偏离正常波动几个标准差；空：未知，或非流失';
COMMENT ON COLUMN regtarget.alert_log.certainty_said IS '同上，以文字表述';
COMMENT ON COLUMN regtarget.alert_log.event_id IS '市场事件';
COMMENT ON COLUMN regtarget.alert_log.subject IS '事件的主体';
COMMENT ON COLUMN regtarget.alert_log.acknowledged_by IS '已知悉的角色';
COMMENT ON COLUMN regtarget.alert_log.acknowledged_at IS '知悉时间，按公司时钟';
COMMENT ON COLUMN regtarget.alert_log.comment IS '该角色的说明';
COMMENT ON COLUMN regtarget.alert_log.resolved_on IS '解除之日';
COMMENT ON COLUMN regtarget.alert_log.covered_by IS '代表它的上级大区预警';
COMMENT ON COLUMN regtarget.alert_log.no_data_since IS '从哪天起没有可据以判断的业务数据';
COMMENT ON COLUMN regtarget.alert_log.review_id IS '它开启的重审';
COMMENT ON COLUMN regtarget.alert_log.review_status IS 'open（未决）或 closed（已结）';
COMMENT ON COLUMN regtarget.alert_log.decision IS 'keep（维持）或 adjust（可调）';
COMMENT ON VIEW regtarget.alert_board IS '尚未解除的预警';
COMMENT ON COLUMN regtarget.alert_board.alert_id IS '预警';
COMMENT ON COLUMN regtarget.alert_board.unit_id IS '单元';
COMMENT ON COLUMN regtarget.alert_board.unit IS '单元代码';
COMMENT ON COLUMN regtarget.alert_board.name IS '单元名称';
COMMENT ON COLUMN regtarget.alert_board.rule IS '引发它的规则';
COMMENT ON COLUMN regtarget.alert_board.level IS 'red、yellow 或 blue（红、黄、蓝）';
COMMENT ON COLUMN regtarget.alert_board.on_day IS '日期';
COMMENT ON COLUMN regtarget.alert_board.status IS 'firing（响起）、acknowledged（已知悉）或 resolved（已解除）';
COMMENT ON COLUMN regtarget.alert_board.value_before IS '信号之前的值';
COMMENT ON COLUMN regtarget.alert_board.value_after IS '信号的值';
COMMENT ON COLUMN regtarget.alert_board.certainty IS '偏离正常波动几个标准差；空：未知，或非流失';
COMMENT ON COLUMN regtarget.alert_board.certainty_said IS '同上，以文字表述';
COMMENT ON COLUMN regtarget.alert_board.event_id IS '市场事件';
COMMENT ON COLUMN regtarget.alert_board.subject IS '事件的主体';
COMMENT ON COLUMN regtarget.alert_board.acknowledged_by IS '已知悉的角色';
COMMENT ON COLUMN regtarget.alert_board.acknowledged_at IS '知悉时间，按公司时钟';
COMMENT ON COLUMN regtarget.alert_board.comment IS '该角色的说明';
COMMENT ON COLUMN regtarget.alert_board.resolved_on IS '解除之日';
COMMENT ON COLUMN regtarget.alert_board.covered_by IS '代表它的上级大区预警';
COMMENT ON COLUMN regtarget.alert_board.no_data_since IS '从哪天起没有可据以判断的业务数据';
COMMENT ON COLUMN regtarget.alert_board.review_id IS '它开启的重审';
COMMENT ON COLUMN regtarget.alert_board.review_status IS 'open（未决）或 closed（已结）';
COMMENT ON COLUMN regtarget.alert_board.decision IS 'keep（维持）或 adjust（可调）';
COMMENT ON FUNCTION regtarget.rfc3339(timestamp) IS
'公司时钟的时刻写成其他系统读得懂的形式：UTC，例如 2025-07-13T16:00:00Z';
COMMENT ON VIEW regtarget.alert_feed IS 'Prometheus Alertmanager 在 /api/v2/alerts 接受的预警：正在触发的，以及最近七天内结束（解除或已知悉）的；被覆盖或静默的除外';
COMMENT ON COLUMN regtarget.alert_feed.alert_id IS '预警';
COMMENT ON COLUMN regtarget.alert_feed.labels IS 'JSON 文本：alertname（规则）、level、severity（critical、warning、info）、unit、region、alert_id';
COMMENT ON COLUMN regtarget.alert_feed.annotations IS 'JSON 文本：summary、name、certainty、subject、no_data_since、review、acknowledged';
COMMENT ON COLUMN regtarget.alert_feed.starts_at IS '当日开始，UTC，按 RFC 3339 书写';
COMMENT ON COLUMN regtarget.alert_feed.ends_at IS '解除当日的开始，或知悉的时刻；空：仍在触发';
COMMENT ON TABLE regtarget.reminders IS '最近一年内关于逾期签名与重审的通知。只由 remind_overdue() 写入';
COMMENT ON COLUMN regtarget.reminders.reminder_id IS '键';
COMMENT ON COLUMN regtarget.reminders.adjustment_id IS '缺少签名的申请；空：重审';
COMMENT ON COLUMN regtarget.reminders.review_id IS '尚未决定的重审；空：申请';
COMMENT ON COLUMN regtarget.reminders.unit_id IS '申请或重审所属的单元';
COMMENT ON COLUMN regtarget.reminders.told_unit_id IS '被通知的单元：其负责人与目标规划';
COMMENT ON COLUMN regtarget.reminders.on_day IS '截至哪天';
COMMENT ON COLUMN regtarget.reminders.told_at IS '何时';
COMMENT ON VIEW regtarget.review_queue IS '等待上级决定的目标重审';
COMMENT ON COLUMN regtarget.review_queue.review_id IS '重审';
COMMENT ON COLUMN regtarget.review_queue.unit_id IS '目标被重审的单元';
COMMENT ON COLUMN regtarget.review_queue.unit IS '单元代码';
COMMENT ON COLUMN regtarget.review_queue.name IS '单元名称';
COMMENT ON COLUMN regtarget.review_queue.alert_id IS '开启它的预警';
COMMENT ON COLUMN regtarget.review_queue.rule IS '规则';
COMMENT ON COLUMN regtarget.review_queue.level IS 'red、yellow 或 blue（红、黄、蓝）';
COMMENT ON COLUMN regtarget.review_queue.on_day IS '预警日期';
COMMENT ON COLUMN regtarget.review_queue.waits_on IS '由其负责人或目标规划决定的上级单元代码';
COMMENT ON COLUMN regtarget.review_queue.due_on IS '期限';
COMMENT ON COLUMN regtarget.review_queue.days_waiting IS '自预警以来的天数';
COMMENT ON COLUMN regtarget.review_queue.overdue IS '是否逾期';
COMMENT ON COLUMN regtarget.review_queue.escalated_to IS '逾期后同时被通知的再上一级单元的编码；空：没有';
COMMENT ON COLUMN regtarget.review_queue.reminded_on IS '最近一次再通知的日期；空：从未';
COMMENT ON COLUMN regtarget.review_queue.certainty IS '重审开启时预警的把握；空：不知道，或与流失无关';
COMMENT ON FUNCTION regtarget.guard_alerts() IS '触发器：市场事件、预警、重审、提醒和作业记录只由函数写入（55000）';
COMMENT ON FUNCTION regtarget.report_event(text, text, text, date, text) IS '记录某单元或（unit 为空）所有单元的市场事件。目标规划上报立即引发预警，所有单元的事件每个大区一个；负责人上报的等待 confirm_event()。返回事件编号。错误：42704 未知单元；42501 既非该单元的目标规划也非负责人；22023 空值、空的类别或主体、公元 1 至 9999 年以外的日期。';
COMMENT ON FUNCTION regtarget.confirm_event(bigint) IS '该单元或其上级的目标规划确认负责人上报的事件，并引发其预警；仅一次。错误：42704 未知或不可见的事件；42501 不是目标规划；22023 空值；55000 已确认。';
COMMENT ON FUNCTION regtarget.scan_alerts(date) IS '以某天为准，对每个在营单元判断每条规则，产生预警并解除不再成立的；返回新预警。周流失看当天之前的整个 ISO 周，以其后的星期一为准。扫描两次等于一次。错误：42501 不是全组织的目标规划；22023 空值或公元 1 至 9999 年以外的日期；55000 没有生效的政策；40001 用着较旧的快照而其间有人扫描过。';
COMMENT ON FUNCTION regtarget.acknowledge_alert(bigint, text) IS '该单元或其上级的负责人、目标规划已知悉预警；仅一次。错误：42704 未知或不可见的预警；42501 既非负责人也非目标规划；22023 空值；55000 已知悉或已解除。知悉之后不再有关于它的通知。';
COMMENT ON FUNCTION regtarget.close_review(bigint, text, text, bigint) IS '上级单元的负责人或目标规划决定重审，并解除其预警：keep，或 adjust：让该单元负责人在预警所在目标期关闭之前多申请一次，或指明对应的申请。错误：42704 未知或不可见的重审、申请；42501 不是上级；22023 空值、其他决定、keep 却带申请；55000 已结。';

COMMENT ON TABLE regtarget.adjustments IS '调整已发布目标的申请：每个单元每月至多一份处于 requested、approved 或 applied。只由函数写入。';
COMMENT ON COLUMN regtarget.adjustments.adjustment_id IS '主键';
COMMENT ON COLUMN regtarget.adjustments.target_id IS '要调整的目标';
COMMENT ON COLUMN regtarget.adjustments.unit_id IS '提出申请的单元，即目标所属';
COMMENT ON COLUMN regtarget.adjustments.period IS '所属目标期';
COMMENT ON COLUMN regtarget.adjustments.month IS '申请所在的月';
COMMENT ON COLUMN regtarget.adjustments.change IS '申请的变动：基线的比例，带正负号；-0.10 是下调百分之十';
COMMENT ON COLUMN regtarget.adjustments.granted IS '批准的变动，正负号相同；空：尚未批准，或未获批准';
COMMENT ON COLUMN regtarget.adjustments.reason IS '申请人所述的理由';
COMMENT ON COLUMN regtarget.adjustments.requested_by IS '申请的角色';
COMMENT ON COLUMN regtarget.adjustments.requested_at IS '申请时刻';
COMMENT ON COLUMN regtarget.adjustments.requested_on IS '决定所属月份的那一天';
COMMENT ON COLUMN regtarget.adjustments.status IS 'requested 待签、approved 已批准、applied 已生效、rejected 被拒、withdrawn 已撤回或 lapsed 失效';
COMMENT ON COLUMN regtarget.adjustments.amount_before IS '申请时的目标额；生效后为生效时的';
COMMENT ON COLUMN regtarget.adjustments.amount_after IS '照申请调整后的目标额；生效后为实际调整成的';
COMMENT ON COLUMN regtarget.adjustments.health_at_plan IS '方案拆解时该单元的健康度，0 到 100';
COMMENT ON COLUMN regtarget.adjustments.health IS '申请当日的健康度';
COMMENT ON COLUMN regtarget.adjustments.pace IS '申请当日的序时进度达成率';
COMMENT ON COLUMN regtarget.adjustments.review_id IS '由哪次目标重审产生；空：都不是';
COMMENT ON COLUMN regtarget.adjustments.decided_at IS '最后一个签字或一次否决作出决定的时刻';
COMMENT ON COLUMN regtarget.adjustments.ended_at IS '生效、撤回或失效的时刻';
COMMENT ON COLUMN regtarget.adjustments.requested_login IS '申请者登录所用的角色，不论当时生效的是哪个角色；空：尚未记录登录之前';

COMMENT ON TABLE regtarget.signatures IS '一份申请所需的会签：每个上级单元一行，随申请生成。只由函数写入。';
COMMENT ON COLUMN regtarget.signatures.adjustment_id IS '申请';
COMMENT ON COLUMN regtarget.signatures.unit_id IS '由其负责人或目标规划签字的上级单元';
COMMENT ON COLUMN regtarget.signatures.asking_unit_id IS '提出申请的单元';
COMMENT ON COLUMN regtarget.signatures.level IS '最近的上级为 1，逐级加一';
COMMENT ON COLUMN regtarget.signatures.approved IS 'true 同意；false 否决；空：尚未签';
COMMENT ON COLUMN regtarget.signatures.granted IS '该签字人至多批准多少；空：照申请';
COMMENT ON COLUMN regtarget.signatures.signed_by IS '签字的角色';
COMMENT ON COLUMN regtarget.signatures.signed_at IS '签字时刻';
COMMENT ON COLUMN regtarget.signatures.comment IS '签字人的意见';
COMMENT ON COLUMN regtarget.signatures.signed_login IS '签署者登录所用的角色，不论当时生效的是哪个角色；空：尚未记录登录之前';

COMMENT ON TABLE regtarget.filings IS '每次生效的调节交给财务的备案，及其回执。只由函数写入。';
COMMENT ON COLUMN regtarget.filings.filing_id IS '主键';
COMMENT ON COLUMN regtarget.filings.adjustment_id IS '生效的申请';
COMMENT ON COLUMN regtarget.filings.unit_id IS '提出申请的单元';
COMMENT ON COLUMN regtarget.filings.amount_before IS '调整前的目标额';
COMMENT ON COLUMN regtarget.filings.amount_after IS '调整后的目标额';
COMMENT ON COLUMN regtarget.filings.filed_at IS '生效时刻';
COMMENT ON COLUMN regtarget.filings.acknowledged_by IS '签收的角色；空：尚无人签收';
COMMENT ON COLUMN regtarget.filings.acknowledged_at IS '签收时刻';
COMMENT ON COLUMN regtarget.filings.reference IS '财务自己的编号';
COMMENT ON COLUMN regtarget.filings.acknowledged_login IS '确认者登录所用的角色，不论当时生效的是哪个角色；空：尚未记录登录之前';

COMMENT ON TABLE regtarget.answers IS '负责人对已提出和已发布的目标的答复；最后一次为准。只由函数写入；草案重新拆解时，对它的答复随之删除。';
COMMENT ON COLUMN regtarget.answers.answer_id IS '主键；同一目标以最大者为准';
COMMENT ON COLUMN regtarget.answers.target_id IS '目标';
COMMENT ON COLUMN regtarget.answers.plan_id IS '所属方案';
COMMENT ON COLUMN regtarget.answers.unit_id IS '所属单元';
COMMENT ON COLUMN regtarget.answers.accepted IS 'true 接受；false 有异议';
COMMENT ON COLUMN regtarget.answers.comment IS '负责人的意见';
COMMENT ON COLUMN regtarget.answers.answered_by IS '答复的角色';
COMMENT ON COLUMN regtarget.answers.answered_at IS '答复时刻';
COMMENT ON COLUMN regtarget.answers.answered_login IS '答复者登录所用的角色，不论当时生效的是哪个角色；空：尚未记录登录之前';

COMMENT ON FUNCTION regtarget.guard_valve() IS
'触发器：申请、会签、备案和答复只由函数写入（55000），申请的状态只按规定的路径走';
COMMENT ON FUNCTION regtarget.request_adjustment(text, numeric, text, date) IS
'单元负责人申请调整其已发布的正式目标：change 为基线的比例，带正负号（-0.10：下调百分之十），在现有目标额之上，按步长向现有目标额取整。为每个有负责人或目标规划的上级单元生成一行会签并通知（NOTIFY regtarget_todo）。返回申请的编号。错误：42704 未知单元，或日期不在任何月份；42501 不是负责人；22023 空值、0、NaN，或取整后没有变动；55000 没有已发布目标、已关闭、后一期已发布、当月已有申请、没有人可签；23514（targets_cap）超出调整幅度上限。';
COMMENT ON FUNCTION regtarget.countersign(bigint, boolean, text, numeric) IS
'签下一份申请中归调用者签的每一行：上级单元的负责人或目标规划；该单元已无人时，由更上级的签。granted：基线的比例，正负号相同，不多于申请；以最小的批准为准。一票否决。返回签后的状态：requested、approved 或 rejected。错误：42704 未知申请；42501 自己的申请，或没有归他签的；22023 空值，或批准的正负号、大小不对；55000 已有决定、已签过。';
COMMENT ON FUNCTION regtarget.withdraw_adjustment(bigint) IS
'申请单元的负责人在生效之前撤回申请。错误：42704 未知申请；42501 不是其负责人；55000 已生效、被拒、撤回或失效。';
COMMENT ON FUNCTION regtarget.apply_adjustment(bigint) IS
'该单元或其上级的目标规划使一份已批准的申请生效，一次：目标从现有目标额移动，下级目标在各自调整幅度上限之内跟随，财务得到备案，账本为每个变动的目标额记一条；全部在一个事务里，否则什么都没有。返回目标。错误：42704 未知申请；42501 不是目标规划；55000 未获批准；23514（targets_cap）调整幅度上限已容不下。';
COMMENT ON FUNCTION regtarget.acknowledge_filing(bigint, text) IS
'财务以自己的编号签收一份备案，一次。错误：42704 未知备案；42501 对该单元没有财务职责；22023 空值；55000 已签收。';
COMMENT ON FUNCTION regtarget.respread(bigint, text) IS
'使已发布方案中某单元以下的所有目标重新跟随其上级：每一层的下级分得上级的目标额加上各自的惩罚性加码，按各自现有的目标额拆，守各自的调整幅度上限。返回变动了几个。错误：42704 未知方案、单元或目标；42501 不是该单元的目标规划；22023 空值；55000 方案未发布，或已关闭。';
COMMENT ON FUNCTION regtarget.answer_target(bigint, boolean, text) IS
'单元负责人接受已提出或已发布的目标，或提出异议。最后一次为准；它不决定什么，只作统计。错误：42704 未知目标；42501 不是负责人；22023 空值；55000 方案是草案、已关闭，或不是正式方案。';

COMMENT ON VIEW regtarget.adjustment_queue IS '等待中的申请：等会签，等谁；已批准的，等生效';
COMMENT ON COLUMN regtarget.adjustment_queue.adjustment_id IS '申请';
COMMENT ON COLUMN regtarget.adjustment_queue.unit_id IS '提出申请的单元';
COMMENT ON COLUMN regtarget.adjustment_queue.unit IS '单元编码';
COMMENT ON COLUMN regtarget.adjustment_queue.name IS '单元名称';
COMMENT ON COLUMN regtarget.adjustment_queue.period IS '目标期';
COMMENT ON COLUMN regtarget.adjustment_queue.month IS '申请所在的月';
COMMENT ON COLUMN regtarget.adjustment_queue.status IS 'requested：等会签；approved：等生效';
COMMENT ON COLUMN regtarget.adjustment_queue.change IS '申请的变动：基线的比例，带正负号';
COMMENT ON COLUMN regtarget.adjustment_queue.granted IS '批准的变动；会签未齐则空';
COMMENT ON COLUMN regtarget.adjustment_queue.amount_before IS '申请时的目标额';
COMMENT ON COLUMN regtarget.adjustment_queue.amount_after IS '全照申请调整后的目标额';
COMMENT ON COLUMN regtarget.adjustment_queue.reason IS '理由';
COMMENT ON COLUMN regtarget.adjustment_queue.requested_by IS '申请的角色';
COMMENT ON COLUMN regtarget.adjustment_queue.requested_at IS '何时，按公司的时钟';
COMMENT ON COLUMN regtarget.adjustment_queue.signed IS '已签几级';
COMMENT ON COLUMN regtarget.adjustment_queue.missing IS '还差几级';
COMMENT ON COLUMN regtarget.adjustment_queue.waiting_for IS '还须签字的单元编码，由近及远；已不在该单元之上且看不到的，显示其键';
COMMENT ON COLUMN regtarget.adjustment_queue.next_signer IS '其中最近的';
COMMENT ON COLUMN regtarget.adjustment_queue.days_waiting IS '申请以来的天数；已批准的，批准以来的天数';
COMMENT ON COLUMN regtarget.adjustment_queue.overdue IS '是否超过政策的 sign_within_days';
COMMENT ON COLUMN regtarget.adjustment_queue.escalated_to IS '签名逾期后同时被通知的单元的编码：最近的待签单元的上一级；空：没有';
COMMENT ON COLUMN regtarget.adjustment_queue.reminded_on IS '最近一次再通知的日期；空：从未';

COMMENT ON VIEW regtarget.adjustment_log IS '历来的所有申请，连同会签人当时所见的业务数据和各自的意见';
COMMENT ON COLUMN regtarget.adjustment_log.adjustment_id IS '申请';
COMMENT ON COLUMN regtarget.adjustment_log.target_id IS '目标';
COMMENT ON COLUMN regtarget.adjustment_log.unit_id IS '提出申请的单元';
COMMENT ON COLUMN regtarget.adjustment_log.unit IS '单元编码';
COMMENT ON COLUMN regtarget.adjustment_log.name IS '单元名称';
COMMENT ON COLUMN regtarget.adjustment_log.period IS '目标期';
COMMENT ON COLUMN regtarget.adjustment_log.month IS '申请所在的月';
COMMENT ON COLUMN regtarget.adjustment_log.status IS 'requested 待签、approved 已批准、applied 已生效、rejected 被拒、withdrawn 已撤回或 lapsed 失效';
COMMENT ON COLUMN regtarget.adjustment_log.change IS '申请的变动：基线的比例，带正负号';
COMMENT ON COLUMN regtarget.adjustment_log.granted IS '批准的变动；空：没有';
COMMENT ON COLUMN regtarget.adjustment_log.amount_before IS '申请时的目标额；生效后为生效时的';
COMMENT ON COLUMN regtarget.adjustment_log.amount_after IS '照申请调整后的目标额；生效后为实际调整成的';
COMMENT ON COLUMN regtarget.adjustment_log.reason IS '理由';
COMMENT ON COLUMN regtarget.adjustment_log.health_at_plan IS '方案拆解时该单元的健康度';
COMMENT ON COLUMN regtarget.adjustment_log.health IS '申请当日的健康度';
COMMENT ON COLUMN regtarget.adjustment_log.pace IS '申请当日的序时进度达成率';
COMMENT ON COLUMN regtarget.adjustment_log.requested_by IS '申请的角色';
COMMENT ON COLUMN regtarget.adjustment_log.requested_at IS '何时，按公司的时钟';
COMMENT ON COLUMN regtarget.adjustment_log.requested_on IS '决定所属月份的那一天';
COMMENT ON COLUMN regtarget.adjustment_log.signatures IS '每个会签的文字说明，由近及远';
COMMENT ON COLUMN regtarget.adjustment_log.decided_at IS '批准或否决的时刻';
COMMENT ON COLUMN regtarget.adjustment_log.ended_at IS '生效、撤回或失效的时刻';
COMMENT ON COLUMN regtarget.adjustment_log.filing_id IS '生效后的备案';
COMMENT ON COLUMN regtarget.adjustment_log.review_id IS '由哪次目标重审产生';

COMMENT ON VIEW regtarget.filing_queue IS '财务尚未签收的备案';
COMMENT ON COLUMN regtarget.filing_queue.filing_id IS '备案';
COMMENT ON COLUMN regtarget.filing_queue.adjustment_id IS '生效的申请';
COMMENT ON COLUMN regtarget.filing_queue.unit_id IS '目标有变动的单元';
COMMENT ON COLUMN regtarget.filing_queue.unit IS '单元编码';
COMMENT ON COLUMN regtarget.filing_queue.name IS '单元名称';
COMMENT ON COLUMN regtarget.filing_queue.period IS '目标期';
COMMENT ON COLUMN regtarget.filing_queue.month IS '申请所在的月';
COMMENT ON COLUMN regtarget.filing_queue.amount_before IS '调整前的目标额';
COMMENT ON COLUMN regtarget.filing_queue.amount_after IS '调整后的目标额';
COMMENT ON COLUMN regtarget.filing_queue.difference IS '调整后 - 调整前';
COMMENT ON COLUMN regtarget.filing_queue.reason IS '申请人所述的理由';
COMMENT ON COLUMN regtarget.filing_queue.requested_by IS '申请的角色';
COMMENT ON COLUMN regtarget.filing_queue.filed_at IS '生效时刻，按公司的时钟';
COMMENT ON COLUMN regtarget.filing_queue.days_waiting IS '至今的天数';

COMMENT ON VIEW regtarget.valve_advice IS '健康度自方案以来变动 5 分以上，或序时进度达成率偏离一成以上的单元，以及大约该申请多少';
COMMENT ON COLUMN regtarget.valve_advice.target_id IS '目标';
COMMENT ON COLUMN regtarget.valve_advice.plan_id IS '目标方案';
COMMENT ON COLUMN regtarget.valve_advice.period IS '目标期：今天所在的';
COMMENT ON COLUMN regtarget.valve_advice.unit_id IS '组织单元';
COMMENT ON COLUMN regtarget.valve_advice.unit IS '单元编码';
COMMENT ON COLUMN regtarget.valve_advice.name IS '单元名称';
COMMENT ON COLUMN regtarget.valve_advice.health_at_plan IS '方案拆解时的健康度；当时不知道则空';
COMMENT ON COLUMN regtarget.valve_advice.health IS '今天的健康度';
COMMENT ON COLUMN regtarget.valve_advice.health_change IS '自方案以来增减的分数，减为负';
COMMENT ON COLUMN regtarget.valve_advice.pace IS '序时进度达成率：完成额 / 各月截至今天（含）应完成额';
COMMENT ON COLUMN regtarget.valve_advice.by_health IS '其他单元不变时，方案自己的规则按新得分会作的变动：基线的比例';
COMMENT ON COLUMN regtarget.valve_advice.by_pace IS '使序时进度达成率回到 1 的变动：序时进度达成率 - 1';
COMMENT ON COLUMN regtarget.valve_advice.advised IS '大约该申请多少：两者同向时取较小的一个，否则为 0；在余地之内，取整百分点';
COMMENT ON COLUMN regtarget.valve_advice.room_up IS '可上调的余地：基线的比例';
COMMENT ON COLUMN regtarget.valve_advice.room_down IS '可下调的余地：基线的比例';
COMMENT ON COLUMN regtarget.valve_advice.region IS '在方案中所属大区的编码，见 target_board';
COMMENT ON COLUMN regtarget.valve_advice.depth IS '在方案中根以下第几层；根为 0';

-- ---- credit -----------------------------------------------------------------------------------

COMMENT ON TABLE regtarget.standings IS '单元带入目标期的信用：连续被拒的季度数，及由此而来的惩罚性加码比例，多为 0。由 close_period() 为下一期写入，或由带来历史的所有者录入。写入后不再改变（55000），惩罚性加码须先于它所影响的方案的发布。';
COMMENT ON COLUMN regtarget.standings.unit_id IS '组织单元';
COMMENT ON COLUMN regtarget.standings.period IS '影响哪个目标期的目标';
COMMENT ON COLUMN regtarget.standings.denied_quarters IS '带入的连续被拒季度数，最后一个是上一期';
COMMENT ON COLUMN regtarget.standings.penalty_rate IS '惩罚性加码占该单元建议值的比例，0 到不足 1';

COMMENT ON FUNCTION regtarget.guard_standings() IS
'触发器：信用记录不能修改或删除，惩罚性加码须先于它所影响的方案的发布（55000）';

COMMENT ON FUNCTION regtarget.inherit_standings() IS
'触发器：承接其他单元者，一经登记，首个目标期即以其中最长的连续被拒季度数和最高的惩罚性加码比例开始';

COMMENT ON FUNCTION regtarget.close_period(text) IS
'关闭一个目标期的正式方案：未决或未生效的申请失效，方案不再有任何变动，其中每个单元得到下一期的信用（惩罚性加码比例为 0 的也写）。没有目标而有前身的单元得到前身中最长的连续被拒季度数和最高的惩罚性加码比例；新开单元会失去的记录以 NOTICE 指明。更早的已发布而未关闭的方案先关；关两次等于一次，此后登记的承接除外；不必等到期末。错误：42704 未知目标期；42501 不是没有上级的单元的目标规划；55000 没有已发布方案、没有下一期。';
COMMENT ON FUNCTION regtarget.outlook_of_unit(int, text) IS '某一单元的 credit_outlook，供视图 credit_board 使用；该目标期没有已发布目标或看不到的单元全为空。';
COMMENT ON FUNCTION regtarget.credit_outlook(text) IS
'一个目标期对其中每个有已发布目标的单元的信用意味着什么：带入的连续被拒季度数；照目前情形本季是否计入；若现在关闭，下一期的连续数和惩罚性加码比例；若现在申请下调而被拒，又如何。对全部单元计算，只显示看得到的。错误：42704 未知目标期；22023 空值；55000 没有生效政策。';

COMMENT ON VIEW regtarget.credit_board IS '未关闭的目标期里每个有已发布目标的单元的信用：带入什么，照目前情形本季是否计入，被拒一次代价多大';
COMMENT ON COLUMN regtarget.credit_board.unit_id IS '组织单元';
COMMENT ON COLUMN regtarget.credit_board.unit IS '单元编码';
COMMENT ON COLUMN regtarget.credit_board.name IS '单元名称';
COMMENT ON COLUMN regtarget.credit_board.period IS '目标期';
COMMENT ON COLUMN regtarget.credit_board.next_period IS '承担后果的下一期；空：尚未建立';
COMMENT ON COLUMN regtarget.credit_board.penalty_rate IS '本期的惩罚性加码比例，据其信用';
COMMENT ON COLUMN regtarget.credit_board.denied_quarters IS '带入本期的连续被拒季度数';
COMMENT ON COLUMN regtarget.credit_board.counts IS '若现在关闭，本季是否计入';
COMMENT ON COLUMN regtarget.credit_board.denied_now IS '若现在关闭，连续被拒的季度数';
COMMENT ON COLUMN regtarget.credit_board.rate_now IS '若现在关闭，下一期的惩罚性加码比例';
COMMENT ON COLUMN regtarget.credit_board.denied_if_refused IS '若现在申请下调而被拒，连续被拒的季度数；已有下调获批则为 0';
COMMENT ON COLUMN regtarget.credit_board.rate_if_refused IS '那时下一期的惩罚性加码比例';
COMMENT ON COLUMN regtarget.credit_board.penalty_at_risk IS '以本期基线计，那会是多少';
COMMENT ON COLUMN regtarget.credit_board.is_current IS '今天在本期之内';
COMMENT ON COLUMN regtarget.credit_board.starts_on IS '目标期第一天';
COMMENT ON COLUMN regtarget.credit_board.ends_on IS '目标期最后一天';

COMMENT ON VIEW regtarget.credit_history IS '每个已关闭的目标期给其中每个有目标的单元的信用带来什么';
COMMENT ON COLUMN regtarget.credit_history.unit_id IS '组织单元';
COMMENT ON COLUMN regtarget.credit_history.unit IS '单元编码';
COMMENT ON COLUMN regtarget.credit_history.name IS '单元名称';
COMMENT ON COLUMN regtarget.credit_history.region IS '在方案中所属大区的编码，见 target_board';
COMMENT ON COLUMN regtarget.credit_history.depth IS '在方案中根以下第几层；根为 0';
COMMENT ON COLUMN regtarget.credit_history.period IS '已关闭的目标期';
COMMENT ON COLUMN regtarget.credit_history.starts_on IS '目标期第一天';
COMMENT ON COLUMN regtarget.credit_history.ends_on IS '目标期最后一天';
COMMENT ON COLUMN regtarget.credit_history.next_period IS '承担后果的下一期';
COMMENT ON COLUMN regtarget.credit_history.requests IS '本单元在本期提出的申请数';
COMMENT ON COLUMN regtarget.credit_history.lowering IS '其中申请下调的';
COMMENT ON COLUMN regtarget.credit_history.refused IS '其中要求下调而被拒的；其余的未决失效、撤回或获批';
COMMENT ON COLUMN regtarget.credit_history.counts IS '该季度是否计入？关闭时未决的，除非政策另有规定，也计入；由重审而来的申请从不计入';
COMMENT ON COLUMN regtarget.credit_history.denied_quarters IS '至期末连续被拒的季度数';
COMMENT ON COLUMN regtarget.credit_history.penalty_rate IS '由此而来的下一期惩罚性加码比例';
COMMENT ON COLUMN regtarget.credit_history.penalty IS '由此给下一期已发布目标所加的惩罚性加码；空：尚未发布';

-- ---- ledger -----------------------------------------------------------------------------------

COMMENT ON TABLE regtarget.ledger IS '发生过的事，每个单元一条链：调节阀的每一步、已发布目标额的每次变动、发布与关闭。只由函数写入，从不改动。';
COMMENT ON COLUMN regtarget.ledger.unit_id IS '属于哪个单元的链；0 为公司自己的';
COMMENT ON COLUMN regtarget.ledger.entry IS '在链中的序号，从 1 起，不间断';
COMMENT ON COLUMN regtarget.ledger.at IS '写入时刻';
COMMENT ON COLUMN regtarget.ledger.actor IS '当时生效的角色';
COMMENT ON COLUMN regtarget.ledger.action IS '做了什么：amount_changed、plan_published 等';
COMMENT ON COLUMN regtarget.ledger.details IS '具体内容，随 action 而异';
COMMENT ON COLUMN regtarget.ledger.previous IS '前一条的哈希；第一条为空字节串';
COMMENT ON COLUMN regtarget.ledger.hash IS '前一条的哈希与本条全部内容的 SHA-256';
COMMENT ON COLUMN regtarget.ledger.login IS '登录所用的角色，不论当时生效的是哪个角色；空：尚未记录登录之前的条目';

COMMENT ON FUNCTION regtarget.guard_ledger() IS
'触发器：账本只由函数写入，任何一条都不能修改或删除（55000）';
COMMENT ON FUNCTION regtarget.log_amounts() IS
'触发器：已发布目标额的每次变动记入账本一条';
COMMENT ON FUNCTION regtarget.log_standings() IS
'触发器：每条有被拒季度或惩罚性加码比例的信用记录记入账本一条';
COMMENT ON FUNCTION regtarget.ledger_digest(text) IS
'账本每条链有多少条、最后一条的哈希（十六进制）：请另处保存，因为链本身看不出末尾被截掉，也看不出整条被重写。unit：某单元的链；空：所有已有记录的链，unit_id 为 0 的是公司自己的。未知单元报 42704。';

COMMENT ON VIEW regtarget.target_history IS '已发布目标额的每次变动：何时、何人、为何、变动前后；读自账本';
COMMENT ON COLUMN regtarget.target_history.target_id IS '目标';
COMMENT ON COLUMN regtarget.target_history.entry IS '在该单元链中的序号：同一目标的变动按它排序';
COMMENT ON COLUMN regtarget.target_history.plan_id IS '目标方案';
COMMENT ON COLUMN regtarget.target_history.period IS '目标期的键';
COMMENT ON COLUMN regtarget.target_history.unit_id IS '组织单元';
COMMENT ON COLUMN regtarget.target_history.unit IS '单元编码';
COMMENT ON COLUMN regtarget.target_history.name IS '单元名称';
COMMENT ON COLUMN regtarget.target_history.changed_at IS '何时，按政策的时区';
COMMENT ON COLUMN regtarget.target_history.changed_by IS '当时生效的角色';
COMMENT ON COLUMN regtarget.target_history.why IS 'adjustment：本单元或上级的调节已生效；respread：下级重新跟随上级；update：人工语句';
COMMENT ON COLUMN regtarget.target_history.adjustment_id IS '生效的调节申请；没有则空';
COMMENT ON COLUMN regtarget.target_history.before IS '变动前的目标额';
COMMENT ON COLUMN regtarget.target_history.after IS '变动后的目标额';
COMMENT ON COLUMN regtarget.target_history.change IS '变动后 - 变动前';
COMMENT ON COLUMN regtarget.target_history.reason IS '申请的理由；不是由申请变动的、申请单元看不到的为空';
COMMENT ON COLUMN regtarget.target_history.requested_by IS '申请的角色';
COMMENT ON COLUMN regtarget.target_history.signed_by IS '同意的角色，最近的上级在前';
COMMENT ON COLUMN regtarget.target_history.region IS '单元在方案中所属大区的编码，见 target_board';
COMMENT ON COLUMN regtarget.target_history.requested_for IS '哪个单元的申请使它变动：本单元或上级';

-- ---- shadow -----------------------------------------------------------------------------------

COMMENT ON FUNCTION regtarget.reveal_shadow(text) IS
'公开某目标期中由调用者规划其根的全部影子方案：此后谁能看到一个单元，就能看到它在其中的目标，与已发布的一样。公开后不能收回；重复调用等于一次。每个方案在其根的链中记一条 shadow_revealed。错误：42704 目标期不存在；42501 不是目标规划，或不是现有影子方案之根的目标规划；55000 没有影子方案。';
COMMENT ON FUNCTION regtarget.shadow_amount(bigint, int, numeric) IS
'把影子方案的金额换算到已发布方案的总额：乘以根的已发布目标额，除以根在影子方案中的金额，保留 4 位小数；根没有已发布目标时，按其下各已发布方案之根的合计换算。没有已发布方案、总额为 0、目标不可见时为空。';
COMMENT ON VIEW regtarget.shadow_comparison IS '影子方案与同期已发布方案对照，每个单元每个目标期一行（month 为空），每个月另有一行：管理层的目标额、引擎的、实际、谁更接近。未公开的只有目标规划能看到';
COMMENT ON COLUMN regtarget.shadow_comparison.plan_id IS '影子方案';
COMMENT ON COLUMN regtarget.shadow_comparison.live_plan_id IS '已发布方案';
COMMENT ON COLUMN regtarget.shadow_comparison.period IS '目标期的键';
COMMENT ON COLUMN regtarget.shadow_comparison.month IS '月的键；空：整个目标期';
COMMENT ON COLUMN regtarget.shadow_comparison.unit_id IS '组织单元';
COMMENT ON COLUMN regtarget.shadow_comparison.unit IS '单元编码';
COMMENT ON COLUMN regtarget.shadow_comparison.name IS '单元名称';
COMMENT ON COLUMN regtarget.shadow_comparison.region IS '单元在已发布方案中所属大区的编码，见 target_board';
COMMENT ON COLUMN regtarget.shadow_comparison.depth IS '在已发布方案中距根的层数；根为 0';
COMMENT ON COLUMN regtarget.shadow_comparison.is_leaf IS '已发布方案中其下再无目标：合计只取这些，上级已含下级';
COMMENT ON COLUMN regtarget.shadow_comparison.management IS '已发布目标的现额，或其中该月的部分';
COMMENT ON COLUMN regtarget.shadow_comparison.engine IS '影子方案的目标，换算到已发布方案的总额，或其中该月的部分；无从换算时为空';
COMMENT ON COLUMN regtarget.shadow_comparison.actual IS '该目标期或月内单元及其所有下级的实际，按已发布方案的组织树';
COMMENT ON COLUMN regtarget.shadow_comparison.error_management IS '管理层的目标额与实际相差多少；目标期或月尚未结束时为空';
COMMENT ON COLUMN regtarget.shadow_comparison.error_engine IS '引擎的目标额与实际相差多少；目标期或月尚未结束时为空';
COMMENT ON COLUMN regtarget.shadow_comparison.closer IS '谁更接近：engine 引擎、management 管理层、equal 相同；尚未结束时为空';
COMMENT ON COLUMN regtarget.shadow_comparison.is_over IS '该目标期或月已结束';
COMMENT ON COLUMN regtarget.shadow_comparison.late IS '影子方案晚于目标期第一天才拆解，不计入任何结论；手工输入或改动过的为空，同样不计入';
COMMENT ON COLUMN regtarget.shadow_comparison.label IS '影子方案的名称';
COMMENT ON COLUMN regtarget.shadow_comparison.is_revealed IS '影子方案已公开（何时见 plan_board）；否则只有目标规划能看到';
COMMENT ON COLUMN regtarget.shadow_comparison.starts_on IS '目标期或月的第一天';
COMMENT ON COLUMN regtarget.shadow_comparison.ends_on IS '目标期或月的最后一天';
COMMENT ON FUNCTION regtarget.shadow_verdict(int) IS
'最近若干个已结束、既有按时生成的影子方案又有已发布方案的目标期中，谁更接近：一行。wins：引擎放错大区的钱比管理层少的目标期数；cases：参与判断的目标期数；money_engine、money_management：对方案之根的各下级，|目标额 - 实际| 合计的一半，引擎的先换算到管理层的总额，各目标期相加；lost：引擎输得最多的目标期，lost_by：输了多少，没有则空；chance：若每期如同掷硬币，胜这么多次或更多的概率（精确符号检验，相同的不计），没有可判断的为空；verdict：closer 更接近（chance 不超过 0.05）、too few to say 太少说不准（分出胜负的不足五期，怎样都证明不了）、not closer 并不更接近；total_missed：总额本身偏了多少，双方相同，其一半含在各自的合计中；late：这些目标期中晚于第一天才拆解、因而不计的影子方案数；said：用一段话说明。只计调用者连同其根都能看到的方案；同一目标期、同一根取按时拆解的最后一个，且须与账本记录一致。periods：1 或以上，否则 22023。';

-- ---- outcomes ---------------------------------------------------------------------------------

COMMENT ON FUNCTION regtarget.outcomes_of_unit(int, text) IS
'一个目标期对某单元及其所有下级的结果；即视图 outcomes 的各列。单元不可见则全为空。错误：42704 目标期不存在。';
COMMENT ON VIEW regtarget.outcomes IS '每个已开始的目标期的结果，期内开放的单元各一行：单元及其所有下级合计，按该期方案的组织树。无从得知的为空；尚未结束的为截至目前';
COMMENT ON COLUMN regtarget.outcomes.unit_id IS '组织单元';
COMMENT ON COLUMN regtarget.outcomes.unit IS '单元编码';
COMMENT ON COLUMN regtarget.outcomes.name IS '单元名称';
COMMENT ON COLUMN regtarget.outcomes.kind IS '单元类别，照录';
COMMENT ON COLUMN regtarget.outcomes.period IS '目标期的键';
COMMENT ON COLUMN regtarget.outcomes.starts_on IS '目标期第一天';
COMMENT ON COLUMN regtarget.outcomes.ends_on IS '目标期最后一天';
COMMENT ON COLUMN regtarget.outcomes.is_over IS '目标期已结束；否则各数为截至目前';
COMMENT ON COLUMN regtarget.outcomes.attainment_amount IS '实际 / 已发布目标的现额；没有目标或为 0 则空';
COMMENT ON COLUMN regtarget.outcomes.attainment_baseline IS '实际 / 其基线，基线不因调节而动：效果以它为准；没有目标或为 0 则空';
COMMENT ON COLUMN regtarget.outcomes.attrition IS '期内离职人数（按最后所在单元）/ 平均人数；没有人，或整个数据库尚无离职记录，则空';
COMMENT ON COLUMN regtarget.outcomes.attrition_pressure IS '同上，只计 leave_reason 为 pressure（高压力离职）的；尚无任何离职原因的记录时也为空';
COMMENT ON COLUMN regtarget.outcomes.newcomers_kept IS '期内入职者（按最初所在单元）中满 90 天仍在职的比例；有人未满 90 天，或没有人入职，则空';
COMMENT ON COLUMN regtarget.outcomes.customer_churn IS '期内流失客户数 / 期初活跃客户数；期初没有则空';
COMMENT ON COLUMN regtarget.outcomes.requests IS '调节申请数；没有已发布目标则空';
COMMENT ON COLUMN regtarget.outcomes.refusals IS '其中被拒的；没有已发布目标则空';
COMMENT ON COLUMN regtarget.outcomes.days_to_decide IS '从申请到同意或拒绝平均几天；没有已决定的则空';
COMMENT ON COLUMN regtarget.outcomes.disputed_share IS '已答复的已发布目标中，最后一次答复为有异议的比例；没有答复则空';
COMMENT ON COLUMN regtarget.outcomes.days_to_publish IS '方案从草案到发布几天，即一轮定目标的长短；没有已发布目标则空';
COMMENT ON COLUMN regtarget.outcomes.within_20 IS '单元及其下方案最下层的目标中，基线完成率在 0.8 到 1.2 之间的比例；没有大于 0 的则空';
COMMENT ON FUNCTION regtarget.fairness_of_unit(int, text) IS
'某单元及其下最下层目标的完成率如何分布、与什么相关；即视图 quota_fairness 的各列。单元不可见则全为空。错误：42704 目标期不存在。';
COMMENT ON VIEW regtarget.quota_fairness IS '目标公平吗？每个已结束目标期的已发布方案一行（其全部单元，is_all），其中每个大区各一行：最下层目标按基线的完成率如何分布，是否与目标大小或增长相关';
COMMENT ON COLUMN regtarget.quota_fairness.plan_id IS '已发布方案';
COMMENT ON COLUMN regtarget.quota_fairness.period IS '目标期的键';
COMMENT ON COLUMN regtarget.quota_fairness.starts_on IS '目标期第一天';
COMMENT ON COLUMN regtarget.quota_fairness.ends_on IS '目标期最后一天';
COMMENT ON COLUMN regtarget.quota_fairness.unit_id IS '方案的根，或大区';
COMMENT ON COLUMN regtarget.quota_fairness.unit IS '其编码';
COMMENT ON COLUMN regtarget.quota_fairness.name IS '其名称';
COMMENT ON COLUMN regtarget.quota_fairness.is_all IS '该行是方案的全部单元，否则是一个大区';
COMMENT ON COLUMN regtarget.quota_fairness.units IS '基线大于 0 的最下层目标数，即参与判断的';
COMMENT ON COLUMN regtarget.quota_fairness.attainment IS '其 实际 / 基线 的平均，每个计一次';
COMMENT ON COLUMN regtarget.quota_fairness.correlation_size IS '完成率与基线的相关系数，-1 到 1：小于 0，目标大的完成得差；不足三个或毫无差异则空';
COMMENT ON COLUMN regtarget.quota_fairness.correlation_growth IS '完成率与 基线 / 前第四个目标期实际 的相关系数：小于 0，要求增长多的完成得差；只计当时有实际的；何时为空同上';
COMMENT ON COLUMN regtarget.quota_fairness.spread IS '完成率的标准差；不足两个则空';
COMMENT ON COLUMN regtarget.quota_fairness.within_20 IS '完成率在 0.8 到 1.2 之间的比例';
COMMENT ON COLUMN regtarget.quota_fairness.over IS '高于 1.2 的比例';
COMMENT ON COLUMN regtarget.quota_fairness.under IS '低于 0.8 的比例';

-- ---- verify -----------------------------------------------------------------------------------

COMMENT ON FUNCTION regtarget.verify(text[]) IS
'在同一快照中由各表重新核算不变量：sums、caps、penalties、statuses、ledger、activity、references、tree、valve、alerts。activity 也以各关系所有者的身份重新计数附加的关系：服务器不在则报错。checks：检查名称，空为全部；未知或空的名称报 22023。detail：前三处问题及还有多少（看不到全部单元者只知有多少），没有问题为空。';
COMMENT ON TABLE regtarget.verify_runs IS 'record_verify() 何时运行、以谁的名义、发现多少。只由它写入。';
COMMENT ON COLUMN regtarget.verify_runs.run_id IS '键';
COMMENT ON COLUMN regtarget.verify_runs.ran_at IS '何时完成';
COMMENT ON COLUMN regtarget.verify_runs.ran_by IS '当时生效的角色';
COMMENT ON COLUMN regtarget.verify_runs.login IS '其登录名';
COMMENT ON COLUMN regtarget.verify_runs.ok IS '各项检查是否全部无误';
COMMENT ON COLUMN regtarget.verify_runs.found IS '发现问题的检查及各有多少；空：没有';
COMMENT ON FUNCTION regtarget.record_verify() IS '全部检查的 verify()，返回其各行，并在 verify_runs 中记一行，供 vitals 显示：供没有上级的单元的 planner 的夜间作业使用。其他人：错误 42501。';

-- ---- imports ----------------------------------------------------------------------------------

COMMENT ON TABLE regtarget.aliases IS '同一事物在别的系统里的名字：某来源里的一个名字在这里指什么';
COMMENT ON COLUMN regtarget.aliases.kind IS '指什么：unit（单元）、employee（员工）、customer（客户）、leave_reason（离职原因）';
COMMENT ON COLUMN regtarget.aliases.source IS '使用该名字的系统';
COMMENT ON COLUMN regtarget.aliases.source_id IS '该系统里的名字、号码或编码';
COMMENT ON COLUMN regtarget.aliases.means IS '在这里的意思：单元编码、employee_id、customer_id 或离职原因';

COMMENT ON TABLE regtarget.import_rejects IS '导入时收不下的行，整行保留并写明原因。补齐所缺之后调用 retry_rejects()；同一行再次被拒不会重复存放，其键已正确进来的不再算被拒。';
COMMENT ON COLUMN regtarget.import_rejects.reject_id IS '主键；不给则自动生成';
COMMENT ON COLUMN regtarget.import_rejects.target IS '原本要写入的视图，例如 deals_in';
COMMENT ON COLUMN regtarget.import_rejects.source IS '数据来自哪个系统，若行里写明';
COMMENT ON COLUMN regtarget.import_rejects.line IS '语句的第几个数据行，从 1 数起（表头不计），出现多次则为最后一次；服务应答则为第几条记录';
COMMENT ON COLUMN regtarget.import_rejects."row" IS '原样的行：各列的原始文本';
COMMENT ON COLUMN regtarget.import_rejects.reason IS '被拒的原因，用大白话说明';
COMMENT ON COLUMN regtarget.import_rejects.at IS '第一次被拒的时间';
COMMENT ON COLUMN regtarget.import_rejects.by_duty_of IS '凭职责试图导入它的角色，再试时仍以其权限为准；空：可向该视图导入任何行的人';
COMMENT ON COLUMN regtarget.import_rejects.cause IS '错在哪一类，一个词：unknown_unit、two_readings、overlap 等；为一行里第一个错';
COMMENT ON COLUMN regtarget.import_rejects.column_name IS '出这个错的列；空：不在某一列';
COMMENT ON COLUMN regtarget.import_rejects.decimal_mark IS '因有两种读法被拒时，同列其他单元格用的小数点，再试时照此判断；空：不是因此被拒';
COMMENT ON COLUMN regtarget.import_rejects.row_key IS '目标、来源与键（键读不出则为整行；名称所指的单元或员工一旦知道，即以其为准），太长则为其摘要：同一行再次被拒不会重复存放，其键已正确进来则不再算被拒';
COMMENT ON VIEW regtarget.reject_causes IS '被拒行的原因归类：每个目标、来源、原因和列一行，附有怎么办';
COMMENT ON COLUMN regtarget.reject_causes.target IS '原本要写入的视图';
COMMENT ON COLUMN regtarget.reject_causes.source IS '数据来自哪个系统';
COMMENT ON COLUMN regtarget.reject_causes.cause IS '错在哪一类，一个词';
COMMENT ON COLUMN regtarget.reject_causes.column_name IS '出错的列；空：不在某一列';
COMMENT ON COLUMN regtarget.reject_causes.rows IS '有几行';
COMMENT ON COLUMN regtarget.reject_causes.first_line IS '其中最靠前的数据行';
COMMENT ON COLUMN regtarget.reject_causes.example IS '最早被拒的那一行的原因';
COMMENT ON COLUMN regtarget.reject_causes.what_to_do IS '怎么办';
COMMENT ON FUNCTION regtarget.reject_advice(text, text, text) IS '某个目标某一列因某类原因被拒的行该怎么办，即 reject_causes 里的 what_to_do；没有这类原因则为空';

COMMENT ON FUNCTION regtarget.import_rows() IS '各 …_in 视图的触发器：收集一条语句的行并成批写入；不供直接调用';
COMMENT ON FUNCTION regtarget.retry_rejects() IS
'按先后把 import_rejects 里的每一行再试一次：现在没问题的装入并移出，其余的写上当前的原因。凭职责导入的，再试时仍须该职责。返回装入了多少行。';
COMMENT ON FUNCTION regtarget.import_salesforce(jsonb, text) IS
'接收 Salesforce REST 查询的一页应答：Opportunity 成为商机，Task 与 Event 成为拜访，Account 成为客户，User 成为员工。15 位的 Id 写成 18 位，除非该记录已按 15 位存在。应答没有说的保持原样，空值则置空；尚未存在的 Opportunity 须带 IsClosed 与 IsWon。sf data query --json 的输出也可接收。下一页在哪里以 NOTICE 告知。对方返回错误，或记录类型不认识，报 22023 并附对方原话。';
COMMENT ON FUNCTION regtarget.import_dingtalk(jsonb, text) IS
'接收钉钉的一个应答：部门成为组织单元，用户、花名册与离职人员成为员工。毫秒按中国的日期理解。应答没有说的保持原样，空值则置空。下一个游标以 NOTICE 告知。errcode 不为 0，或形状不认识，报 22023 并附对方原话。';

COMMENT ON VIEW regtarget.units_in IS '组织单元：每行一个，编码相同即同一行。接受文本的 COPY 与 INSERT；读不懂的行进入 import_rejects。';
COMMENT ON COLUMN regtarget.units_in.code IS '单元编码';
COMMENT ON COLUMN regtarget.units_in.name IS '报表用的名称';
COMMENT ON COLUMN regtarget.units_in.kind IS '单元种类：公司、大区、小组，任意词';
COMMENT ON COLUMN regtarget.units_in.parent IS '上级单元的编码，可以与它出现在同一条语句里；根留空。更正并显示最后一次已登记移动之后的上级；移动请用 moves_in';
COMMENT ON COLUMN regtarget.units_in.opened_on IS '启用的第一天';
COMMENT ON COLUMN regtarget.units_in.closed_on IS '启用的最后一天';

COMMENT ON FUNCTION regtarget.employee_units() IS 'employees_in 里 unit 一列的内容：视野内的每个人今天或最后所在的单元';

COMMENT ON VIEW regtarget.employees_in IS '员工：来源与 source_id 相同即同一行；电子邮件已知的就是那个人。接受文本的 COPY 与 INSERT；读不懂的行进入 import_rejects。';
COMMENT ON COLUMN regtarget.employees_in.source IS '数据来自哪个系统';
COMMENT ON COLUMN regtarget.employees_in.source_id IS '在该系统里的键';
COMMENT ON COLUMN regtarget.employees_in.name IS '姓名';
COMMENT ON COLUMN regtarget.employees_in.email IS '电子邮件';
COMMENT ON COLUMN regtarget.employees_in.unit IS '所在单元的编码：新人由此开始任职，其他人自今天起调入；留空则不动';
COMMENT ON COLUMN regtarget.employees_in.hired_on IS '入职日；后来才知道的，其第一段任职从那天算起';
COMMENT ON COLUMN regtarget.employees_in.left_on IS '最后工作日；留空：在职';
COMMENT ON COLUMN regtarget.employees_in.leave_reason IS '离职原因，按来源的说法；kind 为 leave_reason 的别名负责翻译';

COMMENT ON VIEW regtarget.assignments_in IS '谁何时在哪个单元：员工与起始日相同即同一行；同一语句里一个人的各行，从最早一天到最后一天即是他这段时间的记录，原有的其他记录在其间让位。接受文本的 COPY 与 INSERT；读不懂的行进入 import_rejects。';
COMMENT ON COLUMN regtarget.assignments_in.source IS '以该系统的名字称呼员工';
COMMENT ON COLUMN regtarget.assignments_in.employee IS '员工在该系统里的键、别名或电子邮件';
COMMENT ON COLUMN regtarget.assignments_in.unit IS '单元编码';
COMMENT ON COLUMN regtarget.assignments_in.from_date IS '第一天';
COMMENT ON COLUMN regtarget.assignments_in.to_date IS '最后一天；留空：仍在';

COMMENT ON VIEW regtarget.customers_in IS '客户：来源与 source_id 相同即同一行。接受文本的 COPY 与 INSERT；读不懂的行进入 import_rejects。';
COMMENT ON COLUMN regtarget.customers_in.source IS '数据来自哪个系统';
COMMENT ON COLUMN regtarget.customers_in.source_id IS '在该系统里的键';
COMMENT ON COLUMN regtarget.customers_in.name IS '名称';
COMMENT ON COLUMN regtarget.customers_in.unit IS '所属单元的编码';
COMMENT ON COLUMN regtarget.customers_in.acquired_on IS '成为客户的第一天';
COMMENT ON COLUMN regtarget.customers_in.churned_on IS '流失的第一天；留空：仍是客户';

COMMENT ON VIEW regtarget.visits_in IS '拜访：来源与 source_id 相同即同一行。接受文本的 COPY 与 INSERT；读不懂的行进入 import_rejects。';
COMMENT ON COLUMN regtarget.visits_in.source IS '数据来自哪个系统';
COMMENT ON COLUMN regtarget.visits_in.source_id IS '在该系统里的键';
COMMENT ON COLUMN regtarget.visits_in.unit IS '单元编码；留空：员工当天所在的单元';
COMMENT ON COLUMN regtarget.visits_in.employee IS '员工在该来源里的键、别名或电子邮件';
COMMENT ON COLUMN regtarget.visits_in.customer IS '客户在该来源里的键或别名';
COMMENT ON COLUMN regtarget.visits_in.visited_on IS '拜访日';

COMMENT ON VIEW regtarget.deals_in IS '商机：来源与 source_id 相同即同一行。接受文本的 COPY 与 INSERT；读不懂的行进入 import_rejects。';
COMMENT ON COLUMN regtarget.deals_in.source IS '数据来自哪个系统';
COMMENT ON COLUMN regtarget.deals_in.source_id IS '在该系统里的键';
COMMENT ON COLUMN regtarget.deals_in.unit IS '单元编码；留空：员工当天所在的单元';
COMMENT ON COLUMN regtarget.deals_in.employee IS '员工在该来源里的键、别名或电子邮件';
COMMENT ON COLUMN regtarget.deals_in.customer IS '客户在该来源里的键或别名';
COMMENT ON COLUMN regtarget.deals_in.opened_on IS '立项日';
COMMENT ON COLUMN regtarget.deals_in.closed_on IS '赢单或输单日；留空：未结';
COMMENT ON COLUMN regtarget.deals_in.won IS '是、Won：赢单；否、Lost：输单；留空：未结';
COMMENT ON COLUMN regtarget.deals_in.amount IS '金额';

COMMENT ON VIEW regtarget.revenues_in IS '财务入账：来源与 source_id 相同即同一行。接受文本的 COPY 与 INSERT；读不懂的行进入 import_rejects。';
COMMENT ON COLUMN regtarget.revenues_in.source IS '数据来自哪个系统';
COMMENT ON COLUMN regtarget.revenues_in.source_id IS '在该系统里的键';
COMMENT ON COLUMN regtarget.revenues_in.unit IS '单元编码；留空：员工当天所在的单元';
COMMENT ON COLUMN regtarget.revenues_in.employee IS '员工在该来源里的键、别名或电子邮件';
COMMENT ON COLUMN regtarget.revenues_in.customer IS '客户在该来源里的键或别名';
COMMENT ON COLUMN regtarget.revenues_in.booked_on IS '入账日';
COMMENT ON COLUMN regtarget.revenues_in.amount IS '金额';

COMMENT ON VIEW regtarget.signals_in IS '关于单元的数字：单元、信号与日期相同即同一行；第二个来源会被拒绝。接受文本的 COPY 与 INSERT；读不懂的行进入 import_rejects。';
COMMENT ON COLUMN regtarget.signals_in.source IS '数字的来源';
COMMENT ON COLUMN regtarget.signals_in.unit IS '单元编码';
COMMENT ON COLUMN regtarget.signals_in.signal IS '信号名；计算出来的信号除外';
COMMENT ON COLUMN regtarget.signals_in.as_of IS '自哪天起算';
COMMENT ON COLUMN regtarget.signals_in.value IS '数值；12% 即 0.12';

COMMENT ON VIEW regtarget.targets_in IS '别处填好的目标，写入该期唯一的正式草案，没有则新建：目标期与单元相同即同一行。接受文本的 COPY 与 INSERT；读不懂的行进入 import_rejects。';
COMMENT ON COLUMN regtarget.targets_in.period IS '目标期的键';
COMMENT ON COLUMN regtarget.targets_in.unit IS '单元编码';
COMMENT ON COLUMN regtarget.targets_in.suggested IS '计入惩罚性加码之前的目标；其余由扩展计算';
COMMENT ON VIEW regtarget.moves_in IS '单元的移动，与 move_unit() 相同：单元与 from_date 相同即同一行，后到者重新写明上级。接受文本的 COPY 与 INSERT；读不懂的行进入 import_rejects。';
COMMENT ON COLUMN regtarget.moves_in.unit IS '移动的单元的编码';
COMMENT ON COLUMN regtarget.moves_in.parent IS '从该日起所归上级的编码；空：在顶层';
COMMENT ON COLUMN regtarget.moves_in.from_date IS '归新上级的第一天，可以是将来；晚于该单元已登记的其他移动';
COMMENT ON VIEW regtarget.successions_in IS '哪个单元承接了哪些单元：单元与前身相同即同一行。接受文本的 COPY 与 INSERT；读不懂的行进入 import_rejects。';
COMMENT ON COLUMN regtarget.successions_in.unit IS '承接的单元的编码';
COMMENT ON COLUMN regtarget.successions_in.predecessor IS '前身的编码';
COMMENT ON COLUMN regtarget.successions_in.share IS '承接其历史的几成，0 到 1 或 0% 到 100%；空：全部';
COMMENT ON VIEW regtarget.market_events_in IS '市场事件，载入即确认并触发预警：类别、对象、单元与日期相同即同一行，不论来源。接受文本的 COPY 与 INSERT；读不懂的行进入 import_rejects。';
COMMENT ON COLUMN regtarget.market_events_in.source IS '来自哪份清单';
COMMENT ON COLUMN regtarget.market_events_in.kind IS '类别，规则据此判断：competitor_promotion、competitor_price_cut、policy_change，或自定';
COMMENT ON COLUMN regtarget.market_events_in.subject IS '谁或什么：竞品名称、某项政策';
COMMENT ON COLUMN regtarget.market_events_in.unit IS '单元编码；空：所有单元';
COMMENT ON COLUMN regtarget.market_events_in.happened_on IS '日期';
COMMENT ON COLUMN regtarget.market_events_in.note IS '补充说明；同一来源后来的说法取代之前的';

COMMENT ON FUNCTION regtarget.source_freshness() IS 'data_freshness 的行：按全部单元统计，有任何职责者可见';
COMMENT ON FUNCTION regtarget.sums_of_unit(int, date, date) IS '某单元及今天其所有下级从某日到另一日前一天的赢单与入账；看不到的单元为空';
COMMENT ON FUNCTION regtarget.data_warnings_since(date) IS 'data_warnings 的行，只看日期在某日或之后、以及没有日期的业务数据：''-infinity'' 为全部，要读所有业务数据。金额与同一区间的相比。商机的日期为 closed_on，未结的为 opened_on。';

COMMENT ON VIEW regtarget.data_freshness IS '各来源的各类业务数据：有多少，最新到哪天，被拒多少';
COMMENT ON COLUMN regtarget.data_freshness.fact IS '表：customers、employees、visits、deals、revenues、signals；被拒的行则为其去向';
COMMENT ON COLUMN regtarget.data_freshness.source IS '数据来自哪个系统，或哪个附加的关系；没写则为空串';
COMMENT ON COLUMN regtarget.data_freshness.rows IS '已有的行数；只有被拒的行或行无来源时为空';
COMMENT ON COLUMN regtarget.data_freshness.last_on IS '数据所及的最后一天，不晚于今天';
COMMENT ON COLUMN regtarget.data_freshness.lag_days IS '从那天到今天的天数';
COMMENT ON COLUMN regtarget.data_freshness.rejects IS 'import_rejects 里的行数';

COMMENT ON VIEW regtarget.actuals_check IS '销售赢单与财务入账对照，按单元（含所有下级）与月';
COMMENT ON COLUMN regtarget.actuals_check.unit_id IS '单元';
COMMENT ON COLUMN regtarget.actuals_check.unit IS '单元编码';
COMMENT ON COLUMN regtarget.actuals_check.name IS '单元名称';
COMMENT ON COLUMN regtarget.actuals_check.month IS '月的键';
COMMENT ON COLUMN regtarget.actuals_check.period IS '所属目标期的键';
COMMENT ON COLUMN regtarget.actuals_check.deals_won IS '当月赢单数';
COMMENT ON COLUMN regtarget.actuals_check.won_amount IS '赢单金额，以本库的货币计';
COMMENT ON COLUMN regtarget.actuals_check.revenues IS '当月入账笔数';
COMMENT ON COLUMN regtarget.actuals_check.revenue_amount IS '入账金额，以本库的货币计';
COMMENT ON COLUMN regtarget.actuals_check.difference IS '入账减赢单';
COMMENT ON COLUMN regtarget.actuals_check.booked_share IS '入账 / 赢单；没有赢单时为空';

COMMENT ON VIEW regtarget.data_warnings IS '最近 31 天（及以后、或没有日期）已收下但可疑的行，更早的见 data_warnings_since()：金额远离本单元常态、日期在将来、换了编号的疑似重复、已定输赢却没有日期的商机';
COMMENT ON COLUMN regtarget.data_warnings.fact_id IS '该行在其表中的键：visit_id、deal_id、revenue_id、customer_id';
COMMENT ON COLUMN regtarget.data_warnings.fact IS '表：visits、deals、revenues、customers';
COMMENT ON COLUMN regtarget.data_warnings.unit_id IS '单元';
COMMENT ON COLUMN regtarget.data_warnings.unit IS '单元编码';
COMMENT ON COLUMN regtarget.data_warnings.source IS '数据来自哪个系统';
COMMENT ON COLUMN regtarget.data_warnings.source_id IS '在该系统里的键';
COMMENT ON COLUMN regtarget.data_warnings.day IS '该行的日期';
COMMENT ON COLUMN regtarget.data_warnings.amount IS '金额，若有';
COMMENT ON COLUMN regtarget.data_warnings.warning IS 'far amount（金额异常）、future day（将来日期）、likely double（疑似重复）或 no closing day（没有结单日）';
COMMENT ON COLUMN regtarget.data_warnings.detail IS '可疑之处，用文字说明';

COMMENT ON FUNCTION regtarget.move_target(text, text, text, text) IS '已发布的目标连同其下全部目标归到同一方案的另一目标之下：旧路径上的各级目标减去其数额，新路径上的各级目标加上其数额，直到第一个共同上级为止，共同上级不变；惩罚性加码不变。由共同上级的目标规划操作。返回有多少目标改变。错误：42704 单元或目标期不存在；42501 看不到单元，或不是共同上级的目标规划；22023 为空、理由为空、是方案的根、不在同一方案、基线会低于 0；55000 未发布、已关闭、已在该上级之下、有未了结的申请；23514 会在自己之下（targets_tree）或超出上限（targets_cap）';
COMMENT ON FUNCTION regtarget.transfer_target(text, text, text, numeric, text) IS '一个已发布目标的一部分转给另一个（如客户易手）：一条路径上的各级目标减去该数额，另一条路径上的各级目标加上，直到第一个共同上级为止，共同上级不变。由共同上级的目标规划操作。返回有多少目标改变。错误：42704 单元或目标期不存在；42501 看不到单元，或不是共同上级的目标规划；22023 为空、理由为空、数额不大于 0 或不合步长、不在同一方案、基线会低于 0；55000 未发布、已关闭、有未了结的申请；23514 超出上限（targets_cap）';
COMMENT ON VIEW regtarget.reorganisations IS '移动的单元与目标、转出的数额、承接：何时、何人、为何、多少；取自账本';
COMMENT ON COLUMN regtarget.reorganisations.unit_id IS '移动的单元、目标移动的单元、转出数额的单元（转出者在上级时为转入者），或承接的单元';
COMMENT ON COLUMN regtarget.reorganisations.entry IS '账本中该链的条目号';
COMMENT ON COLUMN regtarget.reorganisations.unit IS '单元编码';
COMMENT ON COLUMN regtarget.reorganisations.name IS '单元名称';
COMMENT ON COLUMN regtarget.reorganisations.kind IS 'unit moved 单元移动、target moved 目标移动、amount transferred 数额转移、succession recorded 登记承接、succession removed 撤销承接';
COMMENT ON COLUMN regtarget.reorganisations.happened_at IS '操作时间，按政策的时区';
COMMENT ON COLUMN regtarget.reorganisations.done_by IS '操作角色';
COMMENT ON COLUMN regtarget.reorganisations.why IS '所给理由；单元移动与承接时为空';
COMMENT ON COLUMN regtarget.reorganisations.on_day IS '单元从哪天起归新上级；其余为空';
COMMENT ON COLUMN regtarget.reorganisations.period IS '季度；单元移动与承接时为空';
COMMENT ON COLUMN regtarget.reorganisations.from_unit IS '旧上级、转出单元或前身的编码；空：顶层，或（组织移动除外）看不到';
COMMENT ON COLUMN regtarget.reorganisations.to_unit IS '新上级、转入单元或承接单元的编码；空：顶层，或（组织移动除外）看不到';
COMMENT ON COLUMN regtarget.reorganisations.amount IS '移动的数额；单元移动与承接时为空';
COMMENT ON COLUMN regtarget.reorganisations.share IS '承接前身历史的几成；只有登记承接时才有';
COMMENT ON FUNCTION regtarget.vital_signs() IS '视图 vitals 的各行，针对所有单元，供对没有上级的单元有职责者查看';
COMMENT ON VIEW regtarget.vitals IS '监控要看的数字，每个一行，并说明该怎么办；供对没有上级的单元有职责者查看';
COMMENT ON COLUMN regtarget.vitals.name IS '数字：rejects_waiting 待修拒行、source_lag 来源滞后、unfolded_deltas 未并入的变动、periods_to_close 待关闭目标期、requests_overdue 逾期申请、reviews_overdue 逾期重审、filings_waiting 待确认备案、verify_failed 上次核验发现问题、verify_age 距上次核验的天数';
COMMENT ON COLUMN regtarget.vitals.about IS 'source_lag 所说的业务数据及其来源；verify_failed 发现问题的检查及各有多少；其余为空串';
COMMENT ON COLUMN regtarget.vitals.value IS '多少；不知道为空';
COMMENT ON COLUMN regtarget.vitals.measure IS '计的是什么：rows 行、days 天、periods 目标期、requests 申请、reviews 重审、filings 备案、runs 次';
COMMENT ON COLUMN regtarget.vitals.since IS '自何时起，按政策的时区：最早等待者、来源的最后一天、上次运行；不知道或无等待者为空';
COMMENT ON COLUMN regtarget.vitals.advice IS '该怎么办';
COMMENT ON TABLE regtarget.job_runs IS '最近一年内作业的运行。只由 run_job() 写入；请通过视图 job_log 读取';
COMMENT ON COLUMN regtarget.job_runs.run_id IS '键';
COMMENT ON COLUMN regtarget.job_runs.job IS '作业';
COMMENT ON COLUMN regtarget.job_runs.started_at IS '何时开始';
COMMENT ON COLUMN regtarget.job_runs.ended_at IS '何时结束';
COMMENT ON COLUMN regtarget.job_runs.done IS '引发的预警、发出的通知、关闭的目标期、并入的变动、删除的行有多少；空：失败';
COMMENT ON COLUMN regtarget.job_runs.error IS '失败的原因；空：没有失败';
COMMENT ON FUNCTION regtarget.run_job(text) IS '执行一项作业并记入 job_log：weekly_scan（补上漏掉的周，至多十二周）、monthly_scan（截至当月一日）、overdue、close_periods（已结束且下一期已存在的目标期）、fold、purge（一年以前的）。重复执行无妨；同时执行则依次进行。返回数量；失败则返回空，并以警告说明。错误：42704 没有该作业；42501 没有所有者的权限；22023 空值。';
COMMENT ON FUNCTION regtarget.remind_overdue(date) IS '再次通知未在 sign_within_days 内签名者（NOTIFY regtarget_todo）或未在 due_on 前决定重审者（NOTIFY regtarget_alert），并通知再上一级；隔同样的天数再提醒。返回通知数。错误：42501 没有所有者的权限；22023 空值或无限的日期。';
COMMENT ON FUNCTION regtarget.schedule_jobs() IS '向 pg_cron 登记全部作业，取代之前登记的；返回数量。每日作业按政策的时区在夜间运行，每周作业在星期一。错误：0A000 没有 pg_cron；42501 没有所有者的权限。';
COMMENT ON FUNCTION regtarget.unschedule_jobs() IS '从 pg_cron 取消作业；返回原有数量。错误：0A000 没有 pg_cron；42501 没有所有者的权限。';
COMMENT ON FUNCTION regtarget.purge(interval) IS '删除早于该时长的沙盘方案、拒行以及已解除且没有重审的预警，别无其他；覆盖了留存预警的预警也留下。返回方案、拒行与预警的数量。错误：42501 没有所有者的权限；22023 空值或负的时长。';
COMMENT ON VIEW regtarget.job_log IS '最近一年内每次作业做了什么：何时、多久、多少；供整个组织的目标规划查看';
COMMENT ON COLUMN regtarget.job_log.run_id IS '运行';
COMMENT ON COLUMN regtarget.job_log.job IS 'weekly_scan、monthly_scan、overdue、close_periods、fold 或 purge';
COMMENT ON COLUMN regtarget.job_log.started_at IS '何时，按公司时钟';
COMMENT ON COLUMN regtarget.job_log.seconds IS '用时（秒）';
COMMENT ON COLUMN regtarget.job_log.done IS '引发的预警、发出的通知、关闭的目标期、并入的变动、删除的行有多少；空：失败';
COMMENT ON COLUMN regtarget.job_log.succeeded IS '是否成功';
COMMENT ON COLUMN regtarget.job_log.error IS '失败的原因；空：没有失败';
COMMENT ON TABLE regtarget.adoptions IS '哪些单元自何时起按本方法工作；adoption_effect() 拿它们与尚未采用的单元相比';
COMMENT ON COLUMN regtarget.adoptions.unit_id IS '单元：它与其下所有单元都已采用';
COMMENT ON COLUMN regtarget.adoptions.adopted_on IS '首日；可以在将来';
COMMENT ON FUNCTION regtarget.draw_adoption_order(text[], int) IS '没有人选定的次序：单元按编码列出，先按编码的 UTF-8 字节排序，再用以 seed 为种子的 splitmix64 洗牌（Fisher-Yates，无偏）。所以次序只取决于单元与种子，与列出的先后无关，谁都可以重抽一遍。place：从 1 起。只抽一次，种子事先公开定下。什么也不写入。错误：42704 没有这个单元；42501 看不见的单元；22023 空值、单元列了两次、多维数组。';
COMMENT ON FUNCTION regtarget.adoption_effect(text, text) IS '采用本方法对各项结果有何作用，看从一期到另一期、已经结束的各期。相比的是今日组织树上采用者最多的那一层、始终开着的单元；上级或下级另有采用的、在第二期之前就已采用的不算。effect：对在第 g 期采用的每一组和 g 起的每一期 t，该组单元从 g - 1 到 t 的平均变化，减去到 t 尚未采用的单元的平均变化；按采用单元数加权平均；用该结果自己的计量。p_value：把采用日期重新分配给各单元的所有不同分法中，作用（不论正负）不小于此的比例（多于 20,000 种时：以固定的发生器抽 9,999 种，加上真实的那种）。smallest_p：作用最大的那种分法的同一比例。low、high：此检验以 10% 不拒绝的恒定作用在两者之间；空：没有端点。standard_error：作用在各分法上的标准差。before、before_p：之前各期同样的比较，从 g - 1 之前的 t 到 g - 1，对照 g 之后采用的单元。breaks_at：每期漂移要达到之前所见最大一步的多少倍，才能造成此作用；空：之前没有看到。least、most：去掉一个采用者后的作用。verdict：better（更好）、worse（更差，p_value 不超过 0.05）、no difference shown（看不出差别）、cannot be shown（无法显示：只有一个采用者，或 smallest_p 大于 0.05）；said：同样的话用文字说。adopters、others：相比的单元；assignments：判断过的分法数。缺的格子只使该单元退出用到它的变化；不足两格的单元退出该项结果。供对没有上级的单元有职责的人使用。错误：42704 没有这一期；42501 没有这样的职责；22023 空值、首期在末期之后。';

-- ---- attached ---------------------------------------------------------------------------------

COMMENT ON TABLE regtarget.attached_days IS 'refresh_activity() 从留在附加关系中的业务数据按单元和日计得的数。是活动的一部分。只由函数写入。';
COMMENT ON COLUMN regtarget.attached_days.unit_id IS '组织单元';
COMMENT ON COLUMN regtarget.attached_days.day IS '日期：visited_on、closed_on、booked_on';
COMMENT ON COLUMN regtarget.attached_days.visits IS '拜访数';
COMMENT ON COLUMN regtarget.attached_days.won IS '赢单数';
COMMENT ON COLUMN regtarget.attached_days.lost IS '输单数';
COMMENT ON COLUMN regtarget.attached_days.won_amount IS '赢单金额，精确值';
COMMENT ON COLUMN regtarget.attached_days.revenues IS '入账笔数';
COMMENT ON COLUMN regtarget.attached_days.revenue_amount IS '入账金额，精确值';
COMMENT ON COLUMN regtarget.attached_days.attachment_id IS '由 attachments 中的哪一个计得';

COMMENT ON TABLE regtarget.attachments IS '其业务数据与 visits、deals、revenues 中的一并计入的关系。只由 attach_facts()、detach_facts()、refresh_activity() 写入；请通过视图 attached_facts 读取';
COMMENT ON COLUMN regtarget.attachments.attachment_id IS '键';
COMMENT ON COLUMN regtarget.attachments.fact IS '其行是什么：visits、deals 或 revenues';
COMMENT ON COLUMN regtarget.attachments.schema_name IS '关系所在的模式，按最近一次附加或计数时的名称';
COMMENT ON COLUMN regtarget.attachments.relation_name IS '当时的名称';
COMMENT ON COLUMN regtarget.attachments.made_there IS '当时合计是否在数据所在处完成';
COMMENT ON COLUMN regtarget.attachments.rows IS '其中计入的业务数据数';
COMMENT ON COLUMN regtarget.attachments.unknown_rows IS '其中因没有对应单元而未计入任何处的业务数据数';
COMMENT ON COLUMN regtarget.attachments.counted_from IS '计过的第一天；空：没有计过';
COMMENT ON COLUMN regtarget.attachments.counted_to IS '计过的最后一天';
COMMENT ON COLUMN regtarget.attachments.counted_at IS '最近一次计数的时刻';

COMMENT ON TABLE regtarget.attached_relations IS '派生：附加指的是本数据库中的哪一个关系，不论它现在叫什么。不在转储中：恢复之后按名称查找。';
COMMENT ON COLUMN regtarget.attached_relations.attachment_id IS '附加';
COMMENT ON COLUMN regtarget.attached_relations.relation IS '关系在 pg_class 中的键';

COMMENT ON TABLE regtarget.attached_strays IS '附加关系中没有对应单元的业务数据，按日：未计入任何处。只由函数写入。';
COMMENT ON COLUMN regtarget.attached_strays.attachment_id IS '附加';
COMMENT ON COLUMN regtarget.attached_strays.day IS '日期：visited_on、closed_on、booked_on';
COMMENT ON COLUMN regtarget.attached_strays.rows IS '多少条';
COMMENT ON COLUMN regtarget.attached_strays.amount IS '其金额：赢单的，或收入的';

COMMENT ON FUNCTION regtarget.keep_attached() IS 'attached_days 的触发器：把在别处计得的数加入活动，并减去此前的。';
COMMENT ON FUNCTION regtarget.guard_attached() IS '触发器：附加及其计得的数只由函数写入（55000）';
COMMENT ON FUNCTION regtarget.attach_facts(text, regclass) IS
'让一个关系的行计作业务数据，代替同名的表，或与之并存：visits（unit_id int、visited_on date）、deals（unit_id、closed_on date、won boolean、amount numeric）、revenues（unit_id、booked_on date、amount numeric）。可以是表（分区与否均可）、视图、物化视图或外部表。在 refresh_activity() 之前什么也不计。若会取回各行而不是合计，以 NOTICE 说明，并指出该设什么。两次等于一次。错误：42704 没有这个关系；42501 没有所有者的权利、不能读这些列，或行级安全对调用者隐藏了行；22023 空值、未知的业务数据、缺少的列或类型不符、本扩展的关系、读取其统计结果的视图、临时关系，或已与同一业务数据的另一个一并计入。';
COMMENT ON FUNCTION regtarget.detach_facts(text, regclass) IS
'取消一个关系的附加，并从活动中减去由它计得的一切；关系本身不动，也不读。关系写 ''-''：该业务数据中关系已不存在的那些。错误：42704 没有附加；42501 没有所有者的权利；22023 空值或未知的业务数据。';
COMMENT ON FUNCTION regtarget.refresh_activity(date, date) IS
'在每个附加的关系中重新计数一段日子（首尾均含），各用一条语句，以该关系所有者的身份运行；返回计入多少条业务数据。此前对这些日子计得的被替换：两次等于一次。单元不存在的业务数据不计入任何处，NOTICE 和 attached_facts 说明有多少。最好在单独的事务中调用：对别的服务器看到的是事务首次询问时的内容。错误：42501 没有所有者的权利，或不能读某个关系；22023 空或无穷的日子、末日早于首日、金额中有 NaN 或无穷；22003 合计超出范围；55000 关系已不存在，或隔离级别高于 READ COMMITTED；以及对方报告的错误。出错则什么也不改变。';

COMMENT ON VIEW regtarget.attached_facts IS '附加的关系：计了多少、何时、到哪一天；供全组织的目标规划查看';
COMMENT ON COLUMN regtarget.attached_facts.attachment_id IS '附加';
COMMENT ON COLUMN regtarget.attached_facts.fact IS '其行是什么：visits、deals 或 revenues';
COMMENT ON COLUMN regtarget.attached_facts.relation IS '关系；已不存在的，是它曾经的名称';
COMMENT ON COLUMN regtarget.attached_facts.rows IS '其中计入的业务数据数';
COMMENT ON COLUMN regtarget.attached_facts.counted_at IS '最近一次计数的时刻，按公司的时钟；空：没有计过';
COMMENT ON COLUMN regtarget.attached_facts.counted_from IS '计过的第一天';
COMMENT ON COLUMN regtarget.attached_facts.counted_to IS '计到哪一天；之后的业务数据尚未计入';
COMMENT ON COLUMN regtarget.attached_facts.made_there IS '合计是否在数据所在处完成；否：取回所有的行';
COMMENT ON COLUMN regtarget.attached_facts.unknown_rows IS '其中因没有对应单元而未计入任何处的业务数据数';
COMMENT ON COLUMN regtarget.attached_facts.is_there IS '这个关系是否存在';
COMMENT ON FUNCTION regtarget.backtest(text, text, text, jsonb) IS
'对每个已结束的目标期，按其第一天的树列出 root（空：唯一没有上级的单元）以下每个单元：actual 是它及所有下级的实绩；suggested 是引擎对 root 实绩的拆解，步长 0.0001，只用当天（含）以前的信号和所给的因子（空：按 factors 表），不设上下限，不加码。对照组逐级折算到同一总额：naive 按往前第四期，previous 按上一期，official 按已发布正式方案的基线；没有则为空。没有实绩的目标期、没有可依据信号的上级以下，均为空。未结束的目标期略去（NOTICE）。限 root 的目标规划。未知的目标期或单元报 42704，其他人报 42501，起期晚于止期、有多个顶层而未指名、未知因子报 22023，没有政策报 55000。';
COMMENT ON FUNCTION regtarget.backtest_summary(text, text, text, jsonb) IS
'backtest() 的汇总，每种方法（suggested、naive、previous、official）和树的每一级一行（0：root，总额已给，除取整外都对；1：其下级）：有数的期数；error 为各期合计的 Σ|拆解 - 实绩| / Σ实绩（不小于 0；没有实绩为空）；wins 为比 previous 更接近的期数；误差最大的一期（并列取最早）及其误差。没有建议的单元和期、没有实绩的期，不计入任何人的误差。报错同 backtest()。';
COMMENT ON FUNCTION regtarget.backtest_totals(text, text, text) IS
'总额本身的误差，拆解对此一无所知：root 在每个已结束的目标期的实绩，旁边是往前第四期、上一期的实绩和它已发布方案的基线，均不折算；没有则为空。报错同 backtest()。';
COMMENT ON FUNCTION regtarget.tune_factors(text, text, text, numeric) IS
'表 factors 中所有因子（权重为 0 的也在内）的最好 100 组权重，按 root 下级的拆解误差（同 backtest_summary() 的 depth 1）排列；以首尾之间已结束的目标期评判，最后四分之一（向上取整）留出：error_held_out 为其上的误差，无可评判为空。factors 可直接交给 allocate_targets() 和 backtest()。评判用的是上一期占比拆得了的那些期，对所有权重组都一样（少于全部时有 NOTICE）。某因子在其中一期无可拆时，其权重归其他因子；在其中一期完全无可拆的权重组不列出。grid：权重的步长，须整除 1，且不超过 10^7 组（22023）；空：0.01、0.02、0.05、0.1、0.2 中不超过 10^6 组的最细者，再由最好的十组求到最优，取 0.000001 的倍数，另加每个因子单独一组和现行权重。误差相同：离现行权重近者（各差之和）在前，再比给名字靠前的因子多者，依此类推。限 root 的目标规划。报错同 backtest()；没有权重组可评判：55000。';
COMMENT ON FUNCTION regtarget.tuning_verdict(text, text, text) IS
'一行：在首尾之间已结束且可评判（同 tune_factors()）的所有目标期上最好的一组权重该怎么办，有多大把握。factors；periods：评判用了几期；error、error_previous：事后看，它和上一期占比在这些期上的误差；error_rolling、error_rolling_previous：第四期起，每期只用之前各期调出的权重评判，它和上一期占比的误差；wins：其中比上一期占比更准的期数；chance：抛硬币也能赢这么多或更多的概率，平局不计；adopt：error 是否比 error_previous 至少低 20 %（八期及以上 10 %；不足三期为否）；verdict：closer（chance 不超过 0.05，更准）、not closer（看不出更准）或 too few to say（全赢也到不了，期数太少）；said：同样的话。无可评判处为空。报错同 backtest()。';
COMMENT ON FUNCTION regtarget.compare_plans(bigint, bigint) IS
'任意目标期和模式的两个方案，逐单元对比：在任一方案中的单元各一行（factor 为空），两边的数额（不在其中为空）、后者减前者、各占方案总额的份额（不小于 0；总额为 0 时为空）。两边都按因子拆解的，每个单元和因子再各一行：该因子给了它多少（权重 × 份额 × 上级可分的数额，四位小数；不起作用为 0），合计即 suggested，取整和上下限除外。只列调用者看得到其目标的单元。方案不存在或看不到报 42704，空值报 22023。';
COMMENT ON FUNCTION regtarget.sensitivity(bigint) IS
'每个目标多大程度取决于每个因子的权重（手工录入的方案没有行）：weight 为占全部权重之和的比例；share 为按该因子在同级中的份额（此处不起作用为空）；target 为基线；其他权重不变，该权重可降或可升多少，目标才变动方案的一个步长（down_step、up_step）或 1%（down_percent、up_percent）：0 到 1 之内的距离，永不变动为空。上级的目标逐级随之变动，惩罚性加码亦然；不考虑取整。在它旁边或上面任何一级有上下限起作用，或方案中的数被手工改过、移过、转过，则 covered 为否，各距离为空。只列调用者看得到其目标的单元。方案不存在或看不到报 42704，空值报 22023。';
COMMENT ON FUNCTION regtarget.plan_check(bigint) IS
'细心的目标规划发布前会问的，每件一行：severity 为 stop（发布会被拒）、ask 或 note；topic 为 missing_unit（下级在方案中而它不在）、record_not_inherited（换了新编码，被拒的记录没人承接）、reject（targets_in 中该期等待处理的行，限调用者可看的）、bound（起作用的上下限）、stopped_logging（曾有拜访或赢单，窗口内一条也没有）、imputed（由同级补的信号）、jump（按全方案的增幅，超出去年实绩应有之数一半以上，或不足其三分之二；root 只与自己比）；what 为文字说明；figure 与 beside 为数字及其对照，没有则为空。没有行：没有发现。限其根的目标规划。方案不存在或看不到报 42704，其他人报 42501，空值报 22023，没有政策报 55000。';

COMMIT;
SET client_encoding = :'regtarget_client_encoding';
